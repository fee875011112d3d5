"""Reads: every function returns frozen dataclasses."""
