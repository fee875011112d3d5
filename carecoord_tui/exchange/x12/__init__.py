"""Payers' answers in X12: 271 eligibility, 278 authorizations, 277 and 835 claims. Read, never written."""
