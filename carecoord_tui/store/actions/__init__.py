"""Verbs: one function, one transaction, keyword arguments."""
