"""Textual widgets that know row dataclasses and nothing of the store."""
