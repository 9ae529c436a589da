"""What a service does with what it hears: one function per event type, or a projector of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from chassis.events import Envelope, Heard, data_of
from chassis.transaction import Transaction


class Reactions(Protocol):
    """What a service does with what it hears."""

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


Reaction = Callable[[Transaction, Any], None]


class OneByOne:
    """The usual reactions: a function per event type."""

    def __init__(self, hears: Mapping[type[Heard], Reaction]) -> None:
        self.by_type = {heard.event_type: (heard, reaction) for heard, reaction in hears.items()}
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
            reaction(tx, data_of(envelope, heard))

    def finish(self, tx: Transaction) -> None:
        return

    def newest_major(self, event_type: str) -> int | None:
        return self.majors.get(unversioned(event_type))


def unversioned(event_type: str) -> str:
    head, dot, tail = event_type.rpartition(".v")
    return head if dot and tail.isdigit() else event_type
