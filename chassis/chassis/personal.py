"""What is personal in what a service says and keeps, and whose it is.

A field of an event, or of a report's row, names the field that holds the id of its person, its *subject*::

    name: Annotated[str, personal(contact="contact_id")]

and a column of a table does the same::

    name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(contact="id"))

Free text may name anybody. It is marked with the records it is about, and goes only when somebody asks for that.
Where the kind of record differs from row to row, ``whoever("about", "about_id")`` names the field that says which.
Events carry the old and new values of columns in ``changes``; the marks of the columns speak for those.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec
import sqlalchemy as sa

from chassis.events import Event, schema_of
from chassis.problems import Conflict

PERSONAL, FREE_TEXT = "x-personal", "x-free-text"
USER = "user"
"""The subject every envelope may name: whoever acted."""
ITSELF = ""
"""In the marks of changes: the id is the aggregate's own."""
KIND_IN = "@"
"""Begins the name of a field that holds the kind of subject."""
MARK, BLANK, NOUN = "mark", "blank", "noun"
ENVELOPE, DOCUMENT, USER_NAME = {"envelope": True}, {"document": True}, {"user_name": True}
"""Columns that hold a whole event, a JSON object of ours, or the name of somebody who acted without his or her id."""
EVENT_DATA = {"event_data": True}
"""Columns that hold some fields of an event that was heard, beside its ``event_id``."""


GOES = {"goes": True}
"""The ``info`` of a table whose rows are of no use without what is personal in them: they go with the person."""


class Subject(NamedTuple):
    """Somebody, named by the record that is about him or her: ``contact/7``."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"


PATTERN = r"^[a-z]+(-[a-z]+)*/[^/\s][^/]{0,79}\Z"


def subject_of(text: str) -> Subject:
    """Raises ValueError for what is no subject."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"{text!r} is not like contact/7")
    kind, _, key = text.partition("/")
    return Subject(kind, key)


@dataclasses.dataclass(frozen=True)
class Mark:
    """Whose a field is: by kind of subject, the field beside it that holds the id."""

    whose: Mapping[str, str]
    is_text: bool = False


Marked = Mapping[str, Mark]


@dataclasses.dataclass(frozen=True)
class EventMarks:
    """What is personal in events of one type: in their fields, and in the columns that may have changed."""

    fields: Marked = dataclasses.field(default_factory=dict)
    changes: Marked = dataclasses.field(default_factory=dict)


Marks = Mapping[str, EventMarks]
"""By event type."""


class PersonErased(Conflict):
    """The person was erased at his or her wish; nothing can be written here again."""

    subject: str


def whoever(kind_in: str, id_in: str) -> dict[str, str]:
    """Of whichever kind of subject the first field says, with the id in the second."""
    return {KIND_IN + kind_in: id_in}


def personal(*others: Mapping[str, str], **whose: str) -> msgspec.Meta:
    """``personal(user="manager_id")``: this field names or describes the user whose id stands in ``manager_id``."""
    return msgspec.Meta(extra_json_schema={PERSONAL: _all_of(others, whose)})


def free_text(*others: Mapping[str, str], **whose: str) -> msgspec.Meta:
    """``free_text(request="request_id")``: people wrote this about that request; it may name anybody."""
    return msgspec.Meta(extra_json_schema={FREE_TEXT: _all_of(others, whose)})


def personal_column(*others: Mapping[str, str], **whose: str) -> dict[str, Any]:
    """The same for a column, as its ``info``."""
    return {MARK: Mark(_all_of(others, whose))}


def text_column(*others: Mapping[str, str], **whose: str) -> dict[str, Any]:
    return {MARK: Mark(_all_of(others, whose), is_text=True)}


def _all_of(others: Iterable[Mapping[str, str]], whose: Mapping[str, str]) -> dict[str, str]:
    return {kind: by for part in (*others, whose) for kind, by in part.items()}


def blank_as(expression: Callable[[sa.FromClause], Any]) -> dict[str, Any]:
    """For a column that cannot become empty, because it must stay unique: ``info=personal_column(…) | blank_as(…)``."""
    return {BLANK: expression}


def column_info(hint: Any) -> dict[str, Any]:
    """The ``info`` of a column that is made from an annotated field."""
    for part in (hint, *get_args(hint)):
        for meta in getattr(part, "__metadata__", ()):
            if found := _mark_in(getattr(meta, "extra_json_schema", None) or {}):
                return {MARK: found}
    return {}


# -- events ----------------------------------------------------------------------------------------


def marks_of(event: type[Event], metadata: sa.MetaData) -> EventMarks:
    """What is personal in an event of the service whose tables these are."""
    properties = schema_of(event)["properties"]
    fields = {name: mark for name, part in properties.items() if (mark := _mark_in(part))}
    return EventMarks(fields, _changing(event.aggregate_type, metadata))


def contract_of(event: type[Event], metadata: sa.MetaData) -> dict[str, Any]:
    """The event's schema, with what is personal among its changes."""
    schema = schema_of(event)
    changes = marks_of(event, metadata).changes
    for word, is_text in ((PERSONAL, False), (FREE_TEXT, True)):
        said = {name: _named(mark, event) for name, mark in sorted(changes.items()) if mark.is_text == is_text}
        if said:
            schema["properties"]["changes"][word] = said
    return schema


def _named(mark: Mark, event: type[Event]) -> dict[str, str]:
    return {kind: by or event.key_field for kind, by in mark.whose.items()}


def _mark_in(schema: Mapping[str, Any]) -> Mark | None:
    """The mark of a property, also of one that may be null."""
    for part in (schema, *schema.get("anyOf", ())):
        for word, is_text in ((PERSONAL, False), (FREE_TEXT, True)):
            if isinstance(whose := part.get(word), dict):
                return Mark(whose, is_text)
    return None


def _changing(noun: str, metadata: sa.MetaData) -> Marked:
    """The marks of the columns of an aggregate, as they appear in ``changes``."""
    tables = [table for table in metadata.tables.values() if table.info.get(NOUN) == noun]
    return {
        column.name: _in_changes(column.info[MARK], table)
        for table in tables
        for column in table.columns
        if MARK in column.info and not column.info.get("secret")
    }


def _in_changes(mark: Mark, table: sa.Table) -> Mark:
    keys = {column.name for column in table.primary_key}
    return Mark({kind: ITSELF if by in keys else by for kind, by in mark.whose.items()}, mark.is_text)


# -- tables ----------------------------------------------------------------------------------------


def marked_columns(table: sa.Table) -> dict[str, Mark]:
    return {str(column.name): column.info[MARK] for column in table.columns if MARK in column.info}


def owned_kinds(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """The kinds of subject that are records of this service, each with its table."""
    found: dict[str, sa.Table] = {}
    for table in metadata.tables.values():
        keys = {column.name for column in table.primary_key}
        if NOUN in table.info:
            marks = marked_columns(table).values()
            found |= {kind: table for mark in marks for kind, by in mark.whose.items() if by in keys}
    return found


def word_of(kind: str, *, is_text: bool) -> str:
    """What a row notes when it was erased as this kind of subject, or when the text about that was."""
    return f"{kind}:text" if is_text else kind


def must_not_come_back(table: sa.Table, erased: str, changed: Iterable[str]) -> None:
    """Raises PersonErased when one of these columns belongs to what a row notes as erased."""
    for name in changed:
        if kind := gone_with(table, erased, name):
            raise PersonErased(subject=kind)


def gone_with(table: sa.Table, erased: str, name: str) -> str | None:
    """As which kind of subject a row was erased to whom this column belongs, if any."""
    mark, words = marked_columns(table).get(name), set(erased.split())
    if mark is None or not words:
        return None
    for kind, by in mark.whose.items():
        if by in table.primary_key.columns and word_of(kind, is_text=mark.is_text) in words:
            return kind
    return None


def row_marks(row: type[Any]) -> dict[str, dict[str, Any]]:
    """The ``info`` of each column that is made from a dataclass of annotated fields."""
    hints = get_type_hints(row, include_extras=True)
    return {name: info for name, hint in hints.items() if (info := column_info(hint))}
