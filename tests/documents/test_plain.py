"""The plain text of a template."""

from __future__ import annotations

from carecoord_tui.documents.markdown import parse
from carecoord_tui.documents.plain import render

SOURCE = """# Title

Some **bold** text that is long enough to be wrapped over two lines of this width.

| | |
|---|---|
| **Name** | Rosa |
| Phone: | 1 |

| Payer | Plan | Group |
|---|---|---|
| Humana | Gold | |

- one
- two
  - deep

3. third

---

\\newpage

A `code` and [link](http://x) stay as they are.
"""

TEXT = """Title
=====

Some bold text that is long enough to be
wrapped over two lines of this width.

Name: Rosa
Phone: 1

- Payer: Humana; Plan: Gold

- one
- two
  - deep
3. third

----------------------------------------

A `code` and [link](http://x) stay as
they are.
"""


def test_every_block_has_its_plain_form() -> None:
    assert render(parse(SOURCE), 40) == TEXT
