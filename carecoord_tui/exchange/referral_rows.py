"""Referrals out of table rows: each row becomes a ``ReferralRow`` or a ``Rejected`` with its reason.

A day, an identifier or a status that cannot be read rejects the row: a referral tracked from a wrong day
is chased at the wrong time. Words that only describe (urgency, type) cost themselves and a warning.
Reasons never repeat values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import partial

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, normalize_icd10cm, normalize_npi
from carecoord_tui.domain.names import display, split_full_name
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.exchange.columns import ColumnMap
from carecoord_tui.exchange.import_plan import is_midnight
from carecoord_tui.exchange.odd_rows import IsOnFile, Odd, OddRows
from carecoord_tui.exchange.patient_match import Sought
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.quoting import Verbatim
from carecoord_tui.exchange.referral_columns import DATES, REFERRALS
from carecoord_tui.exchange.referral_report import StatusExample, StatusUse
from carecoord_tui.exchange.referral_row import ReferralRow
from carecoord_tui.exchange.referral_statuses import Answers, fold_status, read_stage
from carecoord_tui.exchange.rejects import LeftOut, Refused, Rejected
from carecoord_tui.exchange.row_values import (
    BLANK_NAME_WORDS,
    BLANK_WORDS,
    Remembered,
    clean_texts,
    read_birth,
    read_date,
    read_flag,
    read_phones,
)
from carecoord_tui.exchange.spreadsheet import Table, TableKind
from carecoord_tui.exchange.tabular import EXCEL_ERRORS, Cell, RawRow

_LIMITS = {
    "specialty": 80,
    "provider": 160,
    "office": 160,
    "office_phone": 40,
    "office_fax": 40,
    "status_reason": 200,
    "reason": 400,
    "question": 1000,
    "ordered_by": 120,
    "reviewed_by": 120,
    "insurance": 160,
    "authorization": 80,
}
"""Characters, as the tables allow; a longer text is cut and said so."""
MAX_NOTES = 400
_MAX_MRN = 64
_MAX_NAME = 120
_MAX_CODES = 200
_EXAMPLES = 3  # rows shown with the question about a status
_URGENCIES = {
    **dict.fromkeys(("routine", "normal", "standard", "regular", "non urgent", "elective"), Urgency.ROUTINE),
    **dict.fromkeys(("urgent", "high", "expedited", "priority", "asap"), Urgency.URGENT),
    **dict.fromkeys(("stat", "emergent", "emergency", "immediate"), Urgency.STAT),
}
_TYPES = {
    **{fold_status(name): kind for kind in ReferralType for name in (kind.value, kind.label)},
    **dict.fromkeys(("consultation", "consult only", "new consult"), ReferralType.CONSULT),
    **dict.fromkeys(("evaluate treat", "eval and treat", "eval treat"), ReferralType.EVALUATE_AND_TREAT),
    **dict.fromkeys(("dme", "supplies", "durable medical equipment"), ReferralType.EQUIPMENT),
    **dict.fromkeys(("radiology", "diagnostic imaging"), ReferralType.IMAGING),
    **dict.fromkeys(("physical therapy", "pt", "ot", "speech therapy"), ReferralType.THERAPY),
    **dict.fromkeys(("hha", "home care"), ReferralType.HOME_HEALTH),
    **dict.fromkeys(("social services", "community resource"), ReferralType.COMMUNITY),
}


class StatusAsked(Exception):
    """Stops a row whose status words must be asked; they are counted in ``ReferralReader.asked``."""


class ReferralReader:
    """What is the same for all rows of one log."""

    def __init__(
        self,
        table: Table,
        columns: ColumnMap,
        *,
        today: date,
        orders: Mapping[str, DateOrder],
        answers: Answers,
        is_on_file: IsOnFile = lambda field, text: False,
    ) -> None:
        self.is_workbook = table.kind is TableKind.WORKBOOK
        self.columns, self.answers = columns, answers
        self.odd = OddRows(
            columns,
            delimiter=table.delimiter,
            is_status=lambda text: read_stage(text, {}) is not None,
            is_on_file=is_on_file,
        )
        self.places = sorted((index, field) for field, index in columns.fields.items())
        self.phone = Remembered(read_phones)
        self.birth = Remembered(partial(read_birth, today, orders.get("birth_date", DateOrder.MDY)))
        self.date = {
            field: Remembered(partial(read_date, today, orders.get(field, DateOrder.MDY), True))
            for field in DATES
        }
        self.statuses: Counter[str] = Counter()
        """Folded status words -> rows that have them."""
        self.shown: dict[str, str] = {}
        """Folded status words -> as they first stood in the file."""
        self.examples: dict[str, list[StatusExample]] = {}
        """Folded status words -> the first rows that have them."""

    def read(self, row: RawRow) -> ReferralRow | Rejected | Odd[ReferralRow]:
        """One row. An odd one whose status is not known either cannot be taken as it stands: rejected.

        Raises:
            StatusAsked: its status words are unknown and nobody has answered yet.
        """
        width = len(self.columns.headers)
        misfits = self.odd.look(row.cells)
        try:
            extra = [cell for cell in row.cells[width:] if not isinstance(cell, str) or cell.strip()]
            if extra and not self.is_workbook:
                raise Refused("", f"{len(row.cells)} cells where the header has {width}")
            found = _Row(self, row, is_odd=self.odd.is_certain(misfits)).referral()
        except Refused as refused:
            return self.rejected(
                row.line, row.cells, refused.field, str(refused), is_left_out=refused.is_left_out
            )
        except StatusAsked:
            if self.odd.is_certain(misfits):
                return self.odd.refusal(Odd(row, row.line, row.cells, misfits))
            raise
        return Odd(found, row.line, row.cells, misfits) if misfits else found

    def uses(self) -> tuple[StatusUse, ...]:
        """Every status of the file so far with its meaning, the most frequent first."""
        found = []
        for words, rows in self.statuses.most_common():
            is_left_out = words in self.answers and self.answers[words] is None
            stage = None if is_left_out else read_stage(words, self.answers)
            found.append(StatusUse(self.shown[words], rows, stage, is_left_out, tuple(self.examples[words])))
        return tuple(found)

    def rejected(
        self, line: int, cells: tuple[Cell, ...], field: str, reason: str, *, is_left_out: bool = False
    ) -> Rejected:
        """A row handed back; ``field`` says where to look, "" for the row as a whole."""
        if field == "family_name" and field not in self.columns.fields:
            field = "full_name"
        known = field in self.columns.fields
        kind = REFERRALS.label(field) if field else "row"
        column = self.columns.header(field) if known else ""
        return Rejected(line, column, kind, reason, cells, is_left_out)


class _Row:
    """One row while it is read."""

    def __init__(self, reader: ReferralReader, row: RawRow, *, is_odd: bool) -> None:
        self._reader, self._line, self._cells, self._is_odd = reader, row.line, row.cells, is_odd
        self._texts = clean_texts(reader.places, row.cells)
        self._warnings: list[RowWarning] = []

    def referral(self) -> ReferralRow:
        status, stage = self._status()
        sought = self._sought()
        days, visit_time = self._days()
        codes, diagnosis = self._diagnoses()
        return ReferralRow(
            line=self._line,
            cells=tuple(self._cells),
            sought=sought,
            record=self._record(),
            specialty=self._text("specialty"),
            provider=self._text("provider"),
            office=self._text("office"),
            npi=self._npi(),
            office_phone=self._text("office_phone"),
            office_fax=self._text("office_fax"),
            status=status,
            stage=stage,
            days=days,
            visit_time=visit_time,
            status_reason=self._text("status_reason"),
            urgency=self._urgency(),
            service_type=self._service_type(),
            reason=self._text("reason") or diagnosis,
            question=self._text("question"),
            diagnoses=codes,
            ordered_by=self._text("ordered_by"),
            reviewed_by=self._text("reviewed_by"),
            insurance=self._text("insurance"),
            authorization=self._text("authorization"),
            notes=self._notes(),
            warnings=tuple(self._warnings),
        )

    # --- cells ---------------------------------------------------------------------------------

    def _raw(self, field: str) -> str:
        """The text of a cell; words for "nothing here" are nothing, a failed formula refuses the row."""
        text = self._texts.get(field, "")
        if isinstance(text, Verbatim):
            return text
        if text in EXCEL_ERRORS:
            raise Refused(field, "the cell holds an Excel error")
        return "" if text.casefold() in BLANK_WORDS else text

    def _text(self, field: str) -> str:
        text, limit = self._raw(field), _LIMITS[field]
        if len(text) > limit:
            self._warn(field, f"longer than {limit} characters: cut")
            return clean_text(text, limit)
        return text

    def _warn(self, field: str, reason: str) -> None:
        self._warnings.append(RowWarning(self._line, self._reader.columns.header(field), reason))

    # --- who -----------------------------------------------------------------------------------

    def _sought(self) -> Sought:
        family, given = self._name("family_name"), self._name("given_name")
        full = "" if family else self._name("full_name")
        if full:
            parts = split_full_name(full)
            family, given = parts.family, given or parts.given
        mrn = self._raw("mrn")
        if len(mrn) > _MAX_MRN:
            raise Refused("mrn", f"longer than {_MAX_MRN} characters")
        if not family and not mrn:
            raise Refused("family_name", "no name")
        phones = self._reader.phone(self._raw("phone")) if self._raw("phone") else ()
        numbers = tuple(number.partition(";")[0] for number in phones)
        return Sought(family, given, self._birth_date(), mrn, numbers)

    def _name(self, field: str) -> str:
        text = self._texts.get(field, "").strip(" ,;")
        if text in EXCEL_ERRORS:
            raise Refused(field, "the cell holds an Excel error")
        if len(text) > _MAX_NAME:
            raise Refused(field, f"the name is longer than {_MAX_NAME} characters")
        return "" if text.casefold() in BLANK_NAME_WORDS else text

    def _birth_date(self) -> date | None:
        text = self._raw("birth_date")
        if not text:
            return None
        day, problem = self._reader.birth(text)
        if day is None:
            raise Refused("birth_date", problem)
        return day

    def _record(self) -> int | None:
        text = self._raw("record")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None

    # --- where it stands -----------------------------------------------------------------------

    def _status(self) -> tuple[str, ReferralStage | None]:
        text = self._raw("status")
        words = fold_status(text)
        if not words:
            if "status" in self._reader.columns.fields:
                self._warn("status", "no status: the referral stands where its dates say")
            return "", None
        if not self._is_odd:
            self._reader.statuses[words] += 1
            self._reader.shown.setdefault(words, text)
            examples = self._reader.examples.setdefault(words, [])
            if len(examples) < _EXAMPLES:
                examples.append(self._example())
        try:
            stage = read_stage(text, self._reader.answers)
        except KeyError:
            raise LeftOut("status", "rows with this status are left out, as you answered") from None
        if stage is None:
            raise StatusAsked
        return text, stage

    def _example(self) -> StatusExample:
        """What a person knows the row by; nothing of it is checked yet."""
        texts = self._texts
        family, given = texts.get("family_name", ""), texts.get("given_name", "")
        if not family:
            parts = split_full_name(texts.get("full_name", ""))
            family, given = parts.family, given or parts.given
        name = display(family, given) if family else f"MRN {texts.get('mrn', '')}"
        office = texts.get("provider", "") or texts.get("office", "")
        return StatusExample(self._line, name, texts.get("specialty", ""), office)

    def _days(self) -> tuple[dict[str, date], time | None]:
        days: dict[str, date] = {}
        visit_time = None
        for field in DATES:
            if field == "birth_date" or field not in self._reader.columns.fields:
                continue
            found, at = self._day(field)
            if found is not None:
                days[field] = found
                visit_time = at if field == "visit_on" else visit_time
        if "ordered_on" not in days:
            if "sent_on" not in days:
                raise Refused("ordered_on", "neither the day of the referral nor the day it was sent")
            if "ordered_on" in self._reader.columns.fields:
                self._warn("ordered_on", "no day of the order: the day it was sent is used")
            days["ordered_on"] = days["sent_on"]
        if "seen_on" in days and days["seen_on"] != days.get("visit_on"):
            visit_time = None
        return days, visit_time

    def _day(self, field: str) -> tuple[date | None, time | None]:
        index = self._reader.columns.fields[field]
        cell = self._cells[index] if index < len(self._cells) else ""
        if isinstance(cell, datetime):
            return cell.date(), None if is_midnight(cell) else cell.time()
        if isinstance(cell, date):
            return cell, None
        text = self._raw(field)
        if not text or read_flag(text) is False:
            return None, None
        if read_flag(text) is True:
            raise Refused(
                field, f"it says yes, not the day; give the day, or leave the column out with --map {field}="
            )
        found = self._reader.date[field](text)
        if found is None:
            raise Refused(field, "not a calendar date")
        if not found.has_year:
            raise Refused(field, "the date has no year")
        if not found.is_whole:
            self._warn(field, "only the date is understood, the rest of the cell is left out")
        return found.on, found.at

    # --- what for ------------------------------------------------------------------------------

    def _npi(self) -> str:
        text = self._raw("npi")
        try:
            return normalize_npi(text) if text else ""
        except IdentifierError as error:
            raise Refused("npi", str(error)) from error

    def _urgency(self) -> Urgency | None:
        text = self._raw("urgency")
        if not text:
            return None
        found = _URGENCIES.get(fold_status(text))
        flag = read_flag(text)
        if found is None and flag is not None:  # a column headed "Urgent" with yes and no
            found = Urgency.URGENT if flag else Urgency.ROUTINE
        if found is None:
            self._warn("urgency", "urgency not understood: taken as routine")
        return found

    def _service_type(self) -> ReferralType | None:
        text = self._raw("service_type")
        found = _TYPES.get(fold_status(text)) if text else None
        if text and found is None:
            self._warn("service_type", "type not understood: taken as a consult")
        return found

    def _diagnoses(self) -> tuple[str, str]:
        """ICD-10-CM codes with commas between, and words of a diagnosis that are no codes."""
        field = "diagnoses" if self._raw("diagnoses") else "diagnosis"
        text = self._raw(field)
        codes = []
        for part in text.replace(";", ",").replace("|", ",").split(",") if text else ():
            try:
                codes.append(normalize_icd10cm(part))
            except IdentifierError as error:
                if field == "diagnosis":
                    return "", clean_text(text, _LIMITS["reason"])
                raise Refused(field, str(error)) from error
        joined = ", ".join(dict.fromkeys(codes))
        if len(joined) > _MAX_CODES:
            raise Refused(field, f"more codes than fit into {_MAX_CODES} characters")
        return joined, "" if field == "diagnosis" else clean_text(self._raw("diagnosis"), _LIMITS["reason"])

    def _notes(self) -> str:
        text = self._raw("notes")
        if len(text) > MAX_NOTES:
            self._warn("notes", f"longer than {MAX_NOTES} characters: cut")
        return clean_text(text, MAX_NOTES)
