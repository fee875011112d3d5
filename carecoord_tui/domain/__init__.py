"""Pure rules: values in, values out. Nothing here knows the database, the terminal or the clock."""
