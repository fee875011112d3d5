"""Offices the coordinator calls: providers and payers (FHIR Practitioner/Organization)."""

from __future__ import annotations

from datetime import date, time

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import NetworkStatus, PayerClass, ProviderKind
from carecoord_tui.store.tables.base import EMPTY, RECORD_ARGS, YES, Record, Word


class Provider(Record, table=True):
    """A person or an office that receives referrals or keeps visits."""

    __tablename__ = "provider"
    __table_args__ = (sa.Index("ix_provider_name", "name"), RECORD_ARGS)

    name: str = Field(max_length=160)
    organization: str = Field(default="", max_length=160)
    specialty: str = Field(default="", max_length=80)
    npi: str | None = Field(default=None, max_length=10)
    phone: str = Field(default="", max_length=40)
    fax: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=240)
    note: str = Field(default="", max_length=400)
    kind: ProviderKind = Field(
        default=ProviderKind.PERSON,
        sa_type=Word(ProviderKind),
        sa_column_kwargs={"server_default": "person"},
    )
    taxonomy: str = Field(default="", max_length=10, sa_column_kwargs=EMPTY)  # NUCC code
    referral_phone: str = Field(
        default="", max_length=40, sa_column_kwargs=EMPTY
    )  # the desk that takes referrals, when another
    usual_wait_days: int | None = None  # calendar days to a first visit, as the office says
    wants: str = Field(default="", max_length=600, sa_column_kwargs=EMPTY)  # what they want with a referral
    is_active: bool = Field(default=True, sa_column_kwargs=YES)  # False: kept for its history, not offered
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = Field(default="", max_length=60, sa_column_kwargs=EMPTY)  # IANA; empty: the practice's


class ProviderNetwork(Record, table=True):
    """Whether a provider takes a payer's plans, and when somebody was told so."""

    __tablename__ = "provider_network"
    __table_args__ = (
        sa.UniqueConstraint("provider_id", "payer_id"),
        sa.Index("ix_provider_network_payer", "payer_id"),
        RECORD_ARGS,
    )

    provider_id: int = Field(foreign_key="provider.id")
    payer_id: int = Field(foreign_key="payer.id")
    status: NetworkStatus = Field(sa_type=Word(NetworkStatus))
    checked_on: date
    source: str = Field(default="", max_length=80)  # who said so


class Payer(Record, table=True):
    """An insurer; its class decides which law's clocks run."""

    __tablename__ = "payer"
    __table_args__ = RECORD_ARGS

    name: str = Field(max_length=160, unique=True)
    payer_class: PayerClass = Field(default=PayerClass.UNKNOWN, sa_type=Word(PayerClass))
    phone: str = Field(default="", max_length=40)
    authorization_phone: str = Field(default="", max_length=40)
    fax: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=400)
    portal: str = Field(default="", max_length=200, sa_column_kwargs=EMPTY)
    appeal_fax: str = Field(default="", max_length=40, sa_column_kwargs=EMPTY)
    timely_filing_days: int | None = None  # from the contract; None reads "not entered"
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = Field(default="", max_length=60, sa_column_kwargs=EMPTY)  # IANA; empty: the practice's


class PayerLimit(Record, table=True):
    """A clock or limit of a payer's contract that overrides the rule pack, and is shown as such."""

    __tablename__ = "payer_limit"
    __table_args__ = (sa.UniqueConstraint("payer_id", "rule_id"), RECORD_ARGS)

    payer_id: int = Field(foreign_key="payer.id")
    rule_id: str = Field(max_length=60)
    n: int
    unit: str = Field(max_length=20)  # as in the rule pack: calendar_day, business_day, hour, month
    source: str = Field(default="", max_length=160)
    entered_on: date
