"""Files in and out: streaming, bounded, never guessing silently."""
