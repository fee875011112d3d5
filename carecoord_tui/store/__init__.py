"""Everything that touches the database. Nothing here knows Textual."""
