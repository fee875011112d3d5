"""A deterministic synthetic practice: the Monday of the acceptance day and a caseload around it.

Nobody in it exists. Phone numbers are 555-01xx, NPIs are of a series that is not issued. This module
stays free of imports, so that the command line can read its defaults; ``demo.build`` does the work.
"""

DEMO_PASSPHRASE = "demo"  # noqa: S105 - a throwaway practice of invented people
DEMO_PATIENTS = 214
