"""Everything the practice holds, out again: tables for spreadsheets, one person as a paper."""
