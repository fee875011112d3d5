"""Run the program with ``python -m carecoord_tui``."""

from carecoord_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
