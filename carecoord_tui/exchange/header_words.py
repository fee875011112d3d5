"""The usual headers of patient lists, as data for ``patient_columns``."""

from __future__ import annotations

_NAMES = {
    "family_name": "last name, family name, surname, last, lastname legal, lname, family",
    "given_name": "first name, given name, forename, first, given, fname, given names",
    "middle_name": "middle name, middle, middle initial, mi, mname, second name",
    "full_name": (
        "patient name, full name, name, patient, name of patient, patient full name, display name, "
        "last first, name last first, client, member, person, pt"
    ),
    "preferred_name": "preferred name, nickname, preferred, known as, goes by, preferred first name",
    "prefix": "prefix, title, salutation, name prefix, honorific",
    "suffix": "suffix, name suffix, generation",
    "birth_date": "date of birth, birth date, dob, birthday, born, born on, birth day, birth dt, bdate",
    "deceased_on": "date of death, death date, deceased date, deceased on, date deceased, dod, died on, died",
    "deceased": "deceased, is deceased, deceased flag, deceased y n, dead, expired",
    "sex": "sex, gender, administrative sex, sex at birth, birth sex, administrative gender, legal sex",
    "mrn": (
        "mrn, medical record number, medical record no, medical record, mr number, mr no, mrn number, "
        "patient id, patient number, patient no, chart number, chart no, chart, record number, record "
        "no, record id, rec id, patient identifier, emr id, ehr id, account number, account no, id"
    ),
    "phone": (
        "phone, phone number, telephone, telephone number, tel, contact phone number, contact number, "
        "contact phone, primary phone, main phone, best phone, phone no, phone 1, contact no, ph, ph no, "
        "ph number"
    ),
    "mobile_phone": (
        "mobile phone, cell phone, mobile, cell, mobile number, cell number, cellphone number, mobile "
        "phone number, cell phone number, phone mobile, phone cell, "
        "cell ph, mobile ph"
    ),
    "home_phone": (
        "home phone, home phone number, phone home, home number, landline, home tel, home ph, home phone no"
    ),
    "work_phone": (
        "work phone, work phone number, phone work, work number, business phone, office phone, work ph"
    ),
    "other_phone": "other phone, alternate phone, alt phone, secondary phone, phone 2, phone other",
    "email": "email, email address, e mail address, mail, email 1, contact email",
    "address_line": (
        "address, street address, address line 1, address line, address 1, street, home address, "
        "mailing address, addr, addr 1, street 1"
    ),
    "address_number": "street number, house number, street no, house no",
    "address_line_2": "address line 2, address 2, street 2, addr 2, apt, unit, apartment, apt unit, suite",
    "city": "city, town, city town, suburb, address city, municipality",
    "state": "state, state province, province, st, address state, region",
    "postal_code": "zip code, zip, postal code, postcode, zip postal code, post code, address zip",
    "language": "preferred language, language, primary language, spoken language, lang",
    "risk": (
        "risk, risk tier, risk level, risk category, tier, acuity, risk group, risk status, priority tier"
    ),
    "status": "patient status, status, caseload status, case status, enrollment status, program status",
    "payer_name": (
        "payer, payer name, insurance, insurance company, primary insurance, insurance name, payor, "
        "insurance carrier, carrier, insurer, health plan, primary payer, insurance provider"
    ),
    "plan_name": "plan name, plan, insurance plan, plan type, insurance plan name, product",
    "member_id": (
        "member id, member number, member no, subscriber id, policy number, policy no, insurance id, "
        "insurance member id, subscriber number, policy id, medicare number, mbi, medicaid id, "
        "insurance number"
    ),
    "group_number": "group number, group no, group id, group, insurance group",
    "next_step": (
        "next step, next action, next steps, to do, todo, action, action needed, follow up, task, "
        "follow up action, follow up needed, next task, what next, action item"
    ),
    "due_on": (
        "due date, due, next due, due on, follow up date, follow up on, next step due, next due date, "
        "next follow up, next follow up date, next contact, next contact date, next call, deadline, "
        "due by, next action date, action date, do by, follow up due"
    ),
    "last_contact_on": (
        "last contact, last contact date, last contacted, last called, last call, last seen, date of "
        "last contact, last outreach, last spoke, last visit, contacted on, last reached, last "
        "encounter"
    ),
    "notes": "notes, note, case notes, coordinator notes, care notes",
    "comments": "comments, comment, remarks, remark, additional notes, other notes, details",
    "primary_provider": (
        "primary care provider, pcp, primary doctor, primary provider, primary care physician, "
        "provider, doctor, physician, pcp name, primary physician, provider name, primary care "
        "doctor, attending, pcp provider"
    ),
    "interpreter_needed": "interpreter, interpreter needed, needs interpreter, interpreter required",
    "interpreter_mode": "interpreter mode",
    # Under this header alone: the numbers of a row that says yes are the ones that may be used.
    "confidential_channel": "contact only at permitted numbers",
    "safe_contact": "safe contact instructions, safe contact",
    "minor_consent": "minor consent",
    "detailed_voicemail": "detailed voicemail, detailed voicemail ok, detailed message ok",
    "call_from": "call from",
    "call_until": "call until",
    "time_zone": "time zone",
    "status_note": "status note",
    "hold_until": "hold until, on hold until",
    "deceased_told_by": "deceased told by",
    "record": "carecoord record",
}

NAMES = {field: tuple(names.split(", ")) for field, names in _NAMES.items()}
"""Usual headers of each field, the clearest first: where two columns fit, the clearer one is used."""

DATE_FIELDS = ("birth_date", "deceased_on", "due_on", "last_contact_on", "hold_until")

_IDENTITY = (
    "ssn, ssn4, last 4 ssn, social security number, social security, social security no, soc sec "
    "id, soc sec, drivers, drivers license, driver license, driver licence, drivers licence, dl "
    "number, passport, passport number, national id, tax id, credit card, card number, bank "
    "account, iban, password, portal password, alien number"
)
IDENTITY = tuple(_IDENTITY.split(", "))
"""Identity numbers: never imported, not even on request."""

_SENSITIVE = (
    "race, ethnicity, ethnic group, religion, lat, lon, long, lng, latitude, longitude, location "
    "coordinates, coordinates, birthplace, place of birth, maiden, maiden name, mothers maiden "
    "name, marital, marital status, income, salary, sexual orientation, citizenship, immigration "
    "status, healthcare expenses, healthcare coverage, photo, county, fips, age, age group, "
    "nationality"
)
SENSITIVE = tuple(_SENSITIVE.split(", "))
"""What care coordination does not need: left out."""
