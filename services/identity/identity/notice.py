"""What a notice is: the event that it is about, whom it concerns, what it says, and where it leads."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter
from typing import Any

from chassis.events import Heard
from chassis.fields import amount_text

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(?:Z|\+00:00)")
MINOR = "_minor"


@dataclasses.dataclass(frozen=True)
class To:
    """Whom an event concerns: the people whose numbers stand in these fields.

    ``former`` are those whose number stood there before, ``above`` the superiors of those who are named now, and
    ``holders`` everybody who may do something.
    """

    fields: Sequence[str] = ()
    former: Sequence[str] = ()
    above: Sequence[str] = ()
    holders: str = ""

    def heard(self) -> set[str]:
        changes = {"changes"} if self.former else set()
        return {*self.fields, *self.above, *changes}


def to(*fields: str) -> To:
    return To(fields=fields)


@dataclasses.dataclass(frozen=True)
class Notice:
    """One line of the table. Two for one event need a ``code`` each; the event's type is the code of the first.

    ``key`` is the field that names the record, where it is not the noun with ``_id``.
    """

    event: str
    whom: To
    zh: str
    en: str
    link: str
    code: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        return self.code or self.event

    @property
    def shown(self) -> set[str]:
        """The fields of the event that the texts and the link show."""
        return {field for text in (self.zh, self.en, self.link) for _, field, *_ in Formatter().parse(text) if field}


def texts(notice: Notice, parameters: Mapping[str, Any]) -> tuple[str, str]:
    """What a notice says in Chinese and in English."""
    words = {field: _word(field, parameters.get(field)) for field in notice.shown}
    return notice.zh.format_map(words), notice.en.format_map(words)


def link(notice: Notice, parameters: Mapping[str, Any]) -> str:
    return notice.link.format_map({field: _word(field, parameters.get(field)) for field in notice.shown})


def heard(notices: Iterable[Notice]) -> dict[type[Heard], list[Notice]]:
    """The part of each event that these notices read, and which notices read it."""
    by_event: dict[str, list[Notice]] = {}
    for notice in notices:
        by_event.setdefault(notice.event, []).append(notice)
    return {_heard(event, of_event): of_event for event, of_event in by_event.items()}


def _heard(event: str, notices: Sequence[Notice]) -> type[Heard]:
    """A class like those that listeners write by hand, with the fields of the declarations."""
    names = {field for notice in notices for field in (*notice.shown, *notice.whom.heard())}
    noun = event.split(".")[1].replace("-", "_")
    key = next((notice.key for notice in notices if notice.key), f"{noun}_id")
    words = f"What people are told when {event} is said."
    body: dict[str, Any] = dict.fromkeys({*names, key})
    body |= {"__annotations__": dict.fromkeys(sorted(body), Any), "__module__": __name__, "__doc__": words}
    return types.new_class("Told", (Heard,), {"type": event, "key": key}, lambda space: space.update(body))


def _word(field: str, value: Any) -> str:
    """A value as people read it: amounts with a point, moments without seconds, nothing for nothing."""
    if value is None:
        return ""
    if field.endswith(MINOR) and isinstance(value, int):
        return amount_text(value)
    return MOMENT.sub(r"\1 \2", str(value))
