"""Offices the coordinator calls: providers and payers (FHIR Practitioner/Organization)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, Word


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
