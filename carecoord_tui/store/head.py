"""The schema version this program writes, in a module that imports nothing."""

HEAD = 5
