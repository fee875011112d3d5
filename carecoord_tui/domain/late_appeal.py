"""What can still be done about a denial whose last day has passed. Words only; pure."""

from __future__ import annotations

_BY_LEVEL = (  # by the rule of the level that was missed; whether each is taken is the payer's to say
    ("appeal.medicare.", "ask for a reopening"),
    ("appeal.ma.", "ask the plan for a reopening"),
    ("appeal.partd.", "ask the plan for a reopening"),
    ("appeal.aca.", "ask whether external review still takes it"),
    ("appeal.external", "ask the state insurance department"),
    ("appeal.medicaid.", "ask the state about a fair hearing"),
)


def ways_left(rule_id: str) -> str:
    """``file late and say the good cause in the letter; ...``: the ways out after the level of this rule."""
    of_level = next((words for prefix, words in _BY_LEVEL if rule_id.startswith(prefix)), "")
    ways = (
        "file late and say the good cause in the letter",
        of_level,
        "send a new request with new evidence",
        "look for a covered alternative or assistance",
    )
    return "; ".join(way for way in ways if way)
