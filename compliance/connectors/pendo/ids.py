"""Taking the ids out of a table of members while it comes over the wire, some at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from .lists import Listed, id_column, shown_columns
from .tables import NO_TABLE, CsvRows, JsonRows, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.connectors.answers import Answer

    from .records import RecordKind

#: Handed over at once.
A_HANDFUL = 2_000
#: Takes some ids, and how many rows were read so far; whether more are wanted.
Keep = Callable[[list[str], int], bool]


class Ids(Protocol):
    """Takes a table piece by piece."""

    @property
    def begun(self) -> bool:
        """Whether anything of the table came."""

    def take(self, piece: bytes) -> bool:
        """Whether more is wanted."""

    def listed(self, answer: Answer) -> Listed:
        """What came of it, once the call has ended like this."""


class _Ids:
    """What the two sorts of table have in common."""

    def __init__(self, rows: Rows, kind: RecordKind, skip: int, keep: Keep) -> None:
        self._rows, self._kind, self._skip, self._keep = rows, kind, skip, keep
        self._read = 0
        self._handful: list[str] = []
        self._handed = skip
        self._garbled = self._wants_no_more = False
        self._unnamed: tuple[str, ...] | None = None
        self.begun = False

    def take(self, piece: bytes) -> bool:
        """Whether more is wanted."""
        self.begun = True
        return self._consume(self._rows.feed(piece))

    def listed(self, answer: Answer) -> Listed:
        """What came of it. A table that is cut off, or isn't one, is no answer."""
        if answer.ok and not self._is_over():
            self._consume(self._rows.end())
            if not self._is_over():
                self._hand_over()
        if self._garbled:
            answer = answer.garbled()
        if self._unnamed is not None:
            return Listed(answer, has_ids=False, columns=self._unnamed)
        return Listed(answer, self._handed, whole=answer.ok and not self._wants_no_more)

    def _is_over(self) -> bool:
        return self._garbled or self._wants_no_more or self._unnamed is not None

    def _consume(self, rows: Iterator[Any]) -> bool:
        while not self._is_over():
            try:
                row = next(rows, None)
            except NO_TABLE:
                self._garbled = True
                break
            if row is None:
                break
            self._row(row)
            if len(self._handful) >= A_HANDFUL:
                self._hand_over()
        return not self._is_over()

    def _row(self, row: Any) -> None:
        raise NotImplementedError

    def _count(self, value: Any) -> None:
        """One more row was read, with this where its id stands. Who has none is nobody."""
        self._read += 1
        if self._read > self._skip and isinstance(value, str | int) and str(value):
            self._handful.append(str(value))

    def _hand_over(self) -> None:
        some, self._handful = self._handful, []
        if some and not self._keep(some, self._read):
            self._wants_no_more = True
        self._handed = max(self._read, self._skip)


class CsvIds(_Ids):
    """Of CSV: a heading says where the ids stand. A single column needs none."""

    def __init__(self, kind: RecordKind, skip: int, keep: Keep) -> None:
        """Nothing came yet."""
        super().__init__(CsvRows(), kind, skip, keep)
        self._place: int | None = None

    def _row(self, cells: list[str]) -> None:
        if self._place is not None:
            self._count(cells[self._place] if self._place < len(cells) else "")
            return
        self._place = id_column(cells, self._kind)
        if self._place is None and len(cells) == 1:
            # Without a heading the first line is an id; a heading of another name is nobody's.
            self._place = 0
            self._count(cells[0])
        elif self._place is None:
            self._unnamed = shown_columns(cells)


class JsonIds(_Ids):
    """Of an array of objects: the first object says by which name the ids go."""

    def __init__(self, kind: RecordKind, skip: int, keep: Keep) -> None:
        """Nothing came yet."""
        super().__init__(JsonRows(), kind, skip, keep)
        self._name: str | None = None

    def _row(self, row: Any) -> None:
        if not isinstance(row, dict):
            self._garbled = True
            return
        if self._name is None:
            names = [str(name) for name in row]
            place = id_column(names, self._kind)
            if place is None:
                self._unnamed = shown_columns(names)
                return
            self._name = names[place]
        self._count(row.get(self._name))
