"""One import of a record log: looked at, judged, answered, written as one undoable change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.handing_back import hand_back
from carecoord_tui.exchange.import_plan import ImportPlan, NeedsDateOrder, plan_import
from carecoord_tui.exchange.import_report import LeftOutColumn, MappedColumn, mapped_columns, used_order
from carecoord_tui.exchange.import_steps import (
    LOOKING,
    READING,
    SAVING,
    PhaseProgress,
    Steps,
    collector_off,
)
from carecoord_tui.exchange.logs.comparing import Comparison
from carecoord_tui.exchange.logs.kind import LogKind
from carecoord_tui.exchange.logs.kinds import kind_named
from carecoord_tui.exchange.logs.looking import look_at
from carecoord_tui.exchange.logs.plan import LogLook, LogPlan, NeedsMeaning
from carecoord_tui.exchange.logs.reading import Asked, Reading, RowReader
from carecoord_tui.exchange.odd_rows import Odd
from carecoord_tui.exchange.pasted import as_path
from carecoord_tui.exchange.referral_statuses import LEAVE_OUT, StatusError, fold_status
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table, open_table
from carecoord_tui.exchange.table_import import in_one_change
from carecoord_tui.exchange.tabular import TableError, shown
from carecoord_tui.store import importing_logs as store
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.on_file import OnFile
from carecoord_tui.store.session import AuditedSession

MAX_ROWS = 250_000
UPDATING = "Updating the worklist"
Cancelled = Callable[[], bool]


class LogJob:
    """A file as one kind of log, with the answers given so far. Knows nothing of a screen.

    ``look`` and ``read`` may be called as often as wanted; each answer counts from the next ``read``, which
    reads the file again only where the mapping, the dates or a status changed.
    """

    def __init__(
        self,
        practice: Practice,
        kind: LogKind | str,
        path: Path | str,
        sheet: str | None = None,
        *,
        overrides: Mapping[str, str] | None = None,
        date_order: DateOrder | None = None,
        statuses: Mapping[str, Worded | None] | None = None,
        accept_name_only: bool = False,
        accept_odd: bool = False,
    ) -> None:
        """A file with the answers that are known already; nothing is opened yet.

        Args:
            practice: an open practice; a read-only one can be read against, not written to.
            kind: a kind or its name.
            path: the file.
            sheet: name of the worksheet, for a workbook with several.
            overrides: field -> header, from ``columns.parse_overrides``.
            date_order: the answer where the order of the dates cannot be told from the file.
            statuses: status words -> status, or None to hand their rows back.
            accept_name_only: take a person for a name alone where exactly one has it.
            accept_odd: take rows that look odd as they stand.
        """
        self.kind = kind_named(kind) if isinstance(kind, str) else kind
        self.practice, self.path, self.sheet = practice, as_path(path), sheet
        self._overrides = dict(overrides or {})
        self._order = date_order
        self._answers = {fold_status(words): status for words, status in (statuses or {}).items()}
        self._accept_name_only, self._accept_odd = accept_name_only, accept_odd
        self._decisions: dict[int, int | None] = {}
        self._taken: set[int] = set()
        self._opened: Table | None = None
        self._mapped: tuple[ImportPlan, LogLook, tuple[MappedColumn, ...]] | None = None
        self._read: tuple[RowReader, Reading] | None = None

    # --- answers -----------------------------------------------------------------------------------------

    def remap(self, mapping: Mapping[str, int]) -> None:
        """Read each field from the column with this index; fields that are not named are left out.

        Raises:
            TableError: there is no such field or column.
        """
        width = len(self._table().headers)
        for name, index in mapping.items():
            if name not in self.kind.columns.fields or not 0 <= index < width:
                raise TableError(self.path, f"“{shown(name)}” cannot be read from column {index + 1}")
        self._overrides = {
            name: f"#{mapping[name] + 1}" if name in mapping else "" for name in self.kind.columns.fields
        }
        self._forget()

    def set_status(self, words: str, status: str | None) -> None:
        """Say what status words mean, by value or label; None or ``leave-out`` hands their rows back.

        Raises:
            StatusError: this kind of log has no such status.
        """
        if self.kind.statuses is None:
            raise StatusError(f"{self.kind.name} have no status.")
        self._answers[fold_status(words)] = self.kind.statuses.parse(status or LEAVE_OUT)
        self._read = None

    def set_date_order(self, order: DateOrder) -> None:
        """Say how numeric dates are written, where the file cannot tell."""
        self._order = order
        self._forget()

    @property
    def date_order(self) -> DateOrder | None:
        """The order somebody said the dates have; None while nobody had to."""
        return self._order

    def set_accept_name_only(self, accept: bool) -> None:
        """Whether to take a person for a name alone where exactly one has it."""
        self._accept_name_only = accept

    def decide_match(self, line: int, patient_id: int | None) -> None:
        """Say whom a doubtful row is about; None leaves the row out."""
        self._decisions[line] = patient_id

    def undecide_match(self, line: int) -> None:
        """Take a decision back: the row is doubtful again."""
        self._decisions.pop(line, None)

    def take_odd(self, line: int) -> None:
        """Take a row that looks odd as it stands."""
        self._taken.add(line)

    def hold_odd(self, line: int) -> None:
        """Hold a row that looks odd back again."""
        self._taken.discard(line)

    # --- looking and reading -----------------------------------------------------------------------------

    def look(self) -> LogLook:
        """The file with its headers, the proposed mapping and the first rows; no row is judged.

        Raises:
            TableError: the file cannot be used, or its columns are not clear.
        """
        return look_at(
            self._table(),
            self.kind.name,
            self.kind.columns,
            overrides=self._overrides,
            missing=self.kind.missing,
        )

    def read(self, progress: PhaseProgress | None = None, cancelled: Cancelled | None = None) -> LogPlan:
        """Judge every row against the practice and write nothing.

        Raises:
            TableError: the file cannot be used. ``NeedsDateOrder`` is one: answer with ``set_date_order``.
            ImportCancelled: ``cancelled`` said so.
        """
        steps = Steps(progress, cancelled)
        with collector_off():
            reader, reading = self._reading(steps)
            with self.practice.read() as connection:
                comparison = self._compare(reader, reading, steps, connection)
            return self._plan(comparison, reading, is_written=False, rejects=None)

    def write(
        self,
        progress: PhaseProgress | None = None,
        cancelled: Cancelled | None = None,
        rejects_path: Path | None = None,
    ) -> LogPlan:
        """Write what is new and changed as one undoable change, and hand back what was not taken.

        The rows are judged again inside the change, so that what the practice got meanwhile counts.

        Raises:
            TableError: the file cannot be used. ``NeedsDateOrder`` and ``NeedsMeaning`` are two of these.
            ImportCancelled: ``cancelled`` said so.
            StoreError: the practice or the rejects file cannot be written to.
            In all cases the practice is as it was.
        """
        steps = Steps(progress, cancelled)
        with collector_off():
            reader, reading = self._reading(steps)
            self._check_answers(reading)
            written: list[Comparison] = []

            def act(session: AuditedSession) -> Path | None:
                comparison = self._compare(reader, reading, steps, session.connection())
                written.append(comparison)
                self._save(session, comparison, steps)
                return hand_back(self.practice, self._table(), comparison.handed_back, rejects_path)

            rejects = in_one_change(self.practice, f"import of {self.kind.name}", act)
            return self._plan(written[0], reading, is_written=True, rejects=rejects)

    # --- parts -------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._mapped = self._read = None

    def _table(self) -> Table:
        if self._opened is None:
            is_known = self.kind.columns.is_known_header
            self._opened = open_table(self.path, sheet=self.sheet, is_known=is_known)
        return self._opened

    def _mapping(self, steps: Steps) -> ImportPlan:
        if self._mapped is None:
            look, known = self.look(), self.kind.columns
            if look.missing:
                first = look.missing[0]
                listed = ", ".join(look.headers[:40])
                raise TableError(
                    self.path,
                    f"no column with the {known.label(first)} was recognised; its columns are: {listed}; "
                    f"use --map {first}=HEADER",
                )
            plan = plan_import(
                self._table(),
                overrides=self._overrides,
                date_order=self._order,
                usual_order=self.practice.settings.own_date_order,
                progress=steps.of(LOOKING),
                known=known,
            )
            if plan.rows > MAX_ROWS:
                raise TableError(
                    self.path, f"{plan.rows:,} rows, at most {MAX_ROWS:,} are read; split the file"
                )
            self._mapped = plan, look, mapped_columns(self._table(), plan)
        plan = self._mapped[0]
        if plan.undecided:
            raise NeedsDateOrder(self.path, plan.undecided)
        return plan

    def _reading(self, steps: Steps) -> tuple[RowReader, Reading]:
        plan = self._mapping(steps)
        if self._read is None:
            table, reading = self._table(), Reading()
            reader = RowReader(
                self.kind,
                table,
                plan.columns,
                today=self.practice.today(),
                zone=self.practice.zone,
                orders=plan.orders,
                answers=self._answers,
                is_on_file=OnFile(self.practice.execute),
            )
            for row in table.rows(steps.of(READING)):
                found = reader.read(row)
                if isinstance(found, Rejected):
                    reading.rejected.append(found)
                elif isinstance(found, Asked):
                    reading.asked.append(found)
                elif isinstance(found, Odd):
                    reading.odd.append(found)
                else:
                    reading.rows.append(found)
            reading.odd, usual = reader.odd.settle(reading.odd)
            reading.rows = sorted([*reading.rows, *usual], key=lambda row: row.line)
            reading.statuses = reader.uses()
            self._read = reader, reading
        return self._read

    def _check_answers(self, reading: Reading) -> None:
        asked = tuple(one for one in reading.statuses if one.is_asked)
        if asked and self.kind.statuses is not None:
            raise NeedsMeaning(self.path, asked, next(iter(self.kind.statuses.members)).value)

    def _compare(
        self, reader: RowReader, reading: Reading, steps: Steps, connection: sa.Connection
    ) -> Comparison:
        comparison = Comparison(
            self.kind,
            reader,
            reading,
            steps,
            decisions=self._decisions,
            accept_name_only=self._accept_name_only,
            taken=frozenset(self._taken),
            takes_odd=self._accept_odd,
        )
        comparison.run(connection, self.practice)
        return comparison

    def _save(self, session: AuditedSession, comparison: Comparison, steps: Steps) -> None:
        entries, changes = comparison.entries(), comparison.changes()
        session.trail.label = f"import of {self.kind.counted(len(entries) + len(changes))}"
        if not entries and not changes:
            return
        writing = store.Writing(session, self.practice, comparison.payers(), comparison.offices())
        saving = steps.of(SAVING)
        store.create(self.kind.table, writing, entries, saving)
        store.change(self.kind.table, writing, changes, saving)
        store.settle(session, steps.of(UPDATING))

    def _plan(
        self, comparison: Comparison, reading: Reading, *, is_written: bool, rejects: Path | None
    ) -> LogPlan:
        assert self._mapped is not None  # noqa: S101 - read before
        plan, look, columns = self._mapped
        return LogPlan(
            kind=self.kind.name,
            look=look,
            is_written=is_written,
            counts=comparison.counts(),
            notes=plan.notes,
            columns=columns,
            left_out=tuple(
                LeftOutColumn(look.headers[one.index], one.reason)
                for one in plan.columns.left_out
                if one.index >= look.of_rejects
            ),
            date_orders=tuple(order for one in plan.dates if (order := used_order(one)) is not None),
            statuses=reading.statuses,
            rows=tuple(comparison.outcomes),
            warnings=tuple(comparison.warnings),
            rejects_path=rejects,
        )
