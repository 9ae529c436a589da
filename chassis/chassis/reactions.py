"""What a service does with what it hears: one function per event type, or a projector of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from chassis.events import Envelope, Heard, data_of
from chassis.transaction import Transaction


class Reactions(Protocol):
    """What a service does with what it hears."""

    @property
    def hears(self) -> Sequence[type[Heard]]:
        """What it reads of events."""

    def aggregates(self) -> Mapping[str, set[str]]:
        """Aggregate types per source service: whole aggregates, so that versions have no holes."""

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        """A batch is about to be applied: look up in one query what all of it needs."""

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        """Cause what this event causes. Raises what went wrong; nothing is kept then."""

    def finish(self, tx: Transaction) -> None:
        """The batch is applied: write what was gathered."""

    def newest_major(self, event_type: str) -> int | None:
        """The newest version of this type that the build understands; None when it does not listen to it."""

    def types(self) -> Mapping[str, str] | None:
        """Event types that have a reaction, with their aggregate types; None when everything that is heard has one."""

    def reaches_out(self, event_type: str) -> bool:
        """Whether the reaction to this type has an effect outside of Guanxi, which is not repeated with the past."""


Reaction = Callable[[Transaction, Any], None]


@dataclasses.dataclass(frozen=True)
class Reacting:
    """A reaction and what has to be known of it.

    ``effects`` says that it asks for something outside of Guanxi (``chassis.effects``). It is not called for what had
    happened before anybody listened, nor in a replay: nobody wants last year's orders sent once more.
    """

    calls: Reaction
    effects: bool = False

    def __call__(self, tx: Transaction, event: Any) -> None:
        self.calls(tx, event)


class OneByOne:
    """The usual reactions: a function per event type."""

    def __init__(self, hears: Mapping[type[Heard], Reaction]) -> None:
        self.hears = list(hears)
        self.by_type = {heard.event_type: (heard, reaction) for heard, reaction in hears.items()}
        self._types = {heard.event_type: heard.aggregate_type for heard in hears}
        self._effects = {heard.event_type for heard, reaction in hears.items() if getattr(reaction, "effects", False)}
        self.majors: dict[str, int] = {}
        for heard in hears:
            family = unversioned(heard.event_type)
            self.majors[family] = max(self.majors.get(family, 0), heard.schema_major)

    def aggregates(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for heard, _ in self.by_type.values():
            found.setdefault(heard.event_type.split(".")[1], set()).add(heard.aggregate_type)
        return found

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        return

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        known = self.by_type.get(envelope.type)
        if known:
            heard, reaction = known
            if self.reaches_out(envelope.type) and tx.is_of_the_past:
                return
            tx.may_reach_out = self.reaches_out(envelope.type)
            reaction(tx, data_of(envelope, heard))

    def finish(self, tx: Transaction) -> None:
        return

    def newest_major(self, event_type: str) -> int | None:
        return self.majors.get(unversioned(event_type))

    def types(self) -> Mapping[str, str]:
        return self._types

    def reaches_out(self, event_type: str) -> bool:
        return event_type in self._effects


def unversioned(event_type: str) -> str:
    head, dot, tail = event_type.rpartition(".v")
    return head if dot and tail.isdigit() else event_type
