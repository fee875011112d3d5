"""What an office's referrals say, how it is ranked, and how waits and plans are typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.provider_rows import NetworkRow, ProviderRow, ProviderStats, RatedProvider
from carecoord_tui.domain.provider_stats import (
    PastReferral,
    better_first,
    expected_days,
    history_words,
    share_words,
    stats_of,
)
from carecoord_tui.domain.provider_words import (
    ProviderWordsError,
    kind_of_name,
    offered_plans,
    parse_plans,
    parse_wait,
    plans_text,
    plans_words,
    wait_words,
)
from carecoord_tui.domain.vocabulary import NetworkStatus, ProviderKind, ReferralStage, ReferralType

S = ReferralStage
DAY = date(2026, 9, 1)
IN, OUT, UNKNOWN = NetworkStatus.IN_NETWORK, NetworkStatus.OUT_OF_NETWORK, NetworkStatus.UNKNOWN
PAYERS = {1: "Humana", 2: "Aetna, Inc.", 3: "State Medicaid", 4: "State Employees Plan", 5: "Núñez Fund"}


def past(stage: ReferralStage, **values: object) -> PastReferral:
    return PastReferral(stage=stage, ordered_on=DAY, **values)  # type: ignore[arg-type]


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_history_adds_up() -> None:
    stats = stats_of(
        [
            past(S.CLOSED, sent_on=after(2), visit_on=after(11), report_received_on=after(14)),  # 9 days
            past(S.SEEN, sent_on=after(1), visit_on=after(21)),  # 20 days, no report
            past(S.SCHEDULED, visit_on=after(10)),  # 10 days from the order: sending not recorded
            past(S.SENT, sent_on=after(1)),  # no date
            past(S.DRAFT),  # never left
        ]
    )
    assert stats == ProviderStats(sent=4, dated=3, timed=3, median_days=10.0, seen=2, reported=1, open=3)
    assert stats.undated == 1
    assert history_words(stats) == (
        "4 sent · date after 10 days (median of 3) · without a date 1 of 4 · report back 1 of 2 · 3 open"
    )


@pytest.mark.parametrize(
    ("one", "sent", "dated", "timed", "seen", "open_"),
    [
        (past(S.DRAFT), 0, 0, 0, 0, 0),
        (past(S.WITHDRAWN), 0, 0, 0, 0, 0),
        (past(S.WITHDRAWN, sent_on=DAY), 1, 0, 0, 0, 0),
        (past(S.ON_HOLD, sent_on=DAY), 1, 0, 0, 0, 1),
        (past(S.ON_HOLD), 0, 0, 0, 0, 0),
        (past(S.REJECTED), 1, 0, 0, 0, 1),
        (past(S.NO_SHOW, visit_on=after(3)), 1, 1, 1, 0, 1),
        (past(S.SENT, sent_on=after(9), visit_on=after(3)), 1, 1, 0, 0, 1),  # the date is of another sending
        (past(S.REPORT_RECEIVED, report_received_on=after(9)), 1, 1, 0, 1, 1),
        (past(S.DECLINED, visit_on=after(3), report_received_on=after(9)), 1, 1, 1, 1, 0),
        (past(S.CLOSED, visit_on=after(3), service_type=ReferralType.EQUIPMENT), 1, 1, 1, 0, 0),
    ],
)
def test_who_counts(one: PastReferral, sent: int, dated: int, timed: int, seen: int, open_: int) -> None:
    stats = stats_of([one])
    assert (stats.sent, stats.dated, stats.timed, stats.seen, stats.open) == (sent, dated, timed, seen, open_)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_the_median_stands_in_the_middle(waits: list[int]) -> None:
    stats = stats_of([past(S.SCHEDULED, visit_on=after(days)) for days in waits])
    middle = stats.median_days
    assert middle is not None
    assert sum(days <= middle for days in waits) * 2 >= len(waits)
    assert sum(days >= middle for days in waits) * 2 >= len(waits)
    assert stats.timed == len(waits)


def test_few_are_counted_many_are_shared() -> None:
    assert share_words(3, 9) == "3 of 9"
    assert share_words(10, 12) == "10 of 12 (83%)"
    assert share_words(0, 10) == "0 of 10 (0%)"
    assert history_words(ProviderStats()) == "nothing sent yet"


def rated(
    name: str,
    *,
    network: NetworkStatus = UNKNOWN,
    median: float | None = None,
    says: int | None = None,
    reports: tuple[int, int] = (0, 0),
) -> RatedProvider:
    stats = ProviderStats(median_days=median, reported=reports[0], seen=reports[1])
    return RatedProvider(
        provider=ProviderRow(id=1, name=name, usual_wait_days=says), stats=stats, network=network
    )


def test_the_better_choice_comes_first() -> None:
    offices = [
        rated("out, at once", network=OUT, median=1),
        rated("unknown plan", median=2),
        rated("in, nothing known", network=IN),
        rated("in, says 30", network=IN, says=30),
        rated("in, 9 days, never reports", network=IN, median=9, reports=(0, 5)),
        rated("in, 9 days, reports", network=IN, median=9, says=90, reports=(5, 5)),
    ]
    assert [one.provider.name for one in sorted(offices, key=better_first)] == [
        "in, 9 days, reports",
        "in, 9 days, never reports",
        "in, says 30",
        "in, nothing known",
        "unknown plan",
        "out, at once",
    ]
    assert expected_days(offices[-1]) == 9


# --- what is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("", None),
        ("21", 21),
        ("10 days", 10),
        ("1 day", 1),
        ("3 weeks", 21),
        ("3w", 21),
        ("6 wks", 42),
        ("2 months", 60),
        ("about 2 weeks", 14),
        (" 0 ", 0),
    ],
)
def test_waits(typed: str, days: int | None) -> None:
    assert parse_wait(typed) == days
    assert parse_wait(wait_words(days)) == days


@pytest.mark.parametrize("typed", ["soon", "3 fortnights", "-2", "two weeks", "1.5 weeks", "900 weeks"])
def test_waits_that_are_refused(typed: str) -> None:
    with pytest.raises(ProviderWordsError):
        parse_wait(typed)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", {}),
        ("Humana in", {1: IN}),
        ("humana in network, aetna out", {1: IN, 2: OUT}),
        ("Aetna, Inc. in; Humana ?", {2: IN, 1: UNKNOWN}),
        ("medicaid out,", {3: OUT}),
        ("nunez yes, hum no", {5: IN, 1: OUT}),
    ],
)
def test_plans(typed: str, wanted: dict[int, NetworkStatus]) -> None:
    assert parse_plans(typed, PAYERS) == wanted


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Humana", "Say in, out or unknown after “Humana”."),
        ("Humana in, Aet", "Say in, out or unknown after “Aet”."),
        ("State in", "“State” may be State Medicaid or State Employees Plan."),
        ("Cigna in", "No payer here is called “Cigna”: take one from the list."),
        (
            "Cigna in, Humana in, Oscar out, Cigna in, Aet",
            "No payer here is called “Cigna”: take one from the list."
            " No payer here is called “Oscar”: take one from the list."
            " Say in, out or unknown after “Aet”.",
        ),
        ("Humana in, humana out", "Humana stands there twice."),
    ],
)
def test_plans_that_are_refused(typed: str, words: str) -> None:
    with pytest.raises(ProviderWordsError) as refusal:
        parse_plans(typed, PAYERS)
    assert str(refusal.value) == words


@given(st.dictionaries(st.sampled_from(sorted(PAYERS)), st.sampled_from([IN, OUT])))
def test_what_is_shown_reads_back(statuses: dict[int, NetworkStatus]) -> None:
    rows = [NetworkRow(payer_id=n, payer_name=PAYERS[n], status=one) for n, one in statuses.items()]
    assert parse_plans(plans_text(rows), PAYERS) == statuses


def test_completion_and_echo() -> None:
    names = list(PAYERS.values())
    assert offered_plans("hum", names) == [("Humana in", "Humana in, "), ("Humana out", "Humana out, ")]
    assert offered_plans("Humana in, medicaid", names) == [
        ("State Medicaid in", "Humana in, State Medicaid in, "),
        ("State Medicaid out", "Humana in, State Medicaid out, "),
    ]
    assert offered_plans("humana o", names) == [("Humana out", "Humana out, ")]
    assert [label for label, _ in offered_plans("Humana in, ", names)] == [
        f"{name} {word}" for name in names if name != "Humana" for word in ("in", "out")
    ]
    assert offered_plans("zzz", names) == []
    assert offered_plans("Humana in", names) == []
    assert plans_words({1: IN, 2: OUT}, PAYERS) == "in network: Humana · out: Aetna, Inc. · 3 not asked"
    assert plans_words({}, {}) == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Foot Clinic", ProviderKind.ORGANIZATION),
        ("Center for Hearts", ProviderKind.ORGANIZATION),
        ("Silva Cardiology", ProviderKind.ORGANIZATION),
        ("Smith Medical Group, P.C.", ProviderKind.ORGANIZATION),
        ("Dr. Nora Feldman, Lakeside Imaging", ProviderKind.PERSON),
        ("Nora Feldman, M.D.", ProviderKind.PERSON),
        ("Nora Feldman", None),
        ("Lab", None),
        (" ", None),
    ],
)
def test_the_kind_a_name_speaks_of(name: str, kind: ProviderKind | None) -> None:
    assert kind_of_name(name) is kind
