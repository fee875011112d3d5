"""carecoord: a terminal caseload manager for one patient care coordinator."""

__version__ = "0.1.0"
