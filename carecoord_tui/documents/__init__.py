"""Papers that leave the practice: editable Markdown templates drawn as PDF and as plain text.

Everything here is imported on demand (reportlab and Jinja2 are heavy) and never sees the terminal.
"""
