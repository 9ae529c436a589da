"""What every service does when a person is to be erased: say which subjects are the same person, remember them for
ever, and let nothing that arrives later bring them back.

Identity asks; nothing that is said about an erasure holds a personal value. The blanking itself is ``sweeping``'s work.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.applying import Delivery, parsed
from chassis.blanking import Wanted, blanked, wanted
from chassis.dialect import Talk, insert
from chassis.events import Envelope, Event, Heard, data_of
from chassis.jobs import Job
from chassis.personal import NOUN, Marks, Subject, owned_kinds, subject_of
from chassis.reactions import Reactions, unversioned
from chassis.tables import erased_subject, erasure_task, event_log
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.manifest import Service

SERIES = "erased subject"
RESTORED = 0
"""Stands for no erasure of identity's, but for an operator who had all of them done again."""
SamePerson = Callable[[Transaction, Sequence[Subject]], Iterable[Subject]]
"""All that is known to be the same people as these subjects, themselves included."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Traced:
    """The fields of what a service says when it has looked for a person; ``asked`` counts the questions."""

    erasure_id: int
    asked: int
    subjects: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Blanks:
    """How many values were blanked, by table."""

    erasure_id: int
    blanked: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Said:
    """The three events of one service: it knows these subjects, it does not know these, all of them are blanked."""

    traced: type[Any]
    unknown: type[Any]
    erased: type[Any]

    def __iter__(self) -> Any:
        return iter((self.traced, self.unknown, self.erased))


@functools.cache
def said_by(service: str) -> Said:
    """For ``says`` on a service's page."""
    return Said(*(_kind(service, Event, *fact) for fact in FACTS))


@functools.cache
def heard_from(service: str) -> Said:
    """The same for who listens."""
    return Said(*(_kind(service, Heard, *fact) for fact in FACTS))


FACTS = (
    (
        "traced",
        Traced,
        "These subjects are known here as the person to be erased; the service keeps records about them.",
    ),
    ("unknown", Traced, "There are no such records here, so nobody is erased."),
    ("erased", Blanks, "Nothing about the person is left in this service."),
)


def _kind(service: str, side: type[Any], fact: str, fields: type[Any], sentence: str) -> type[Any]:
    said = {"type": f"{service}.personal-data.{fact}", "key": "erasure_id"}
    body = {"__doc__": sentence, "__module__": __name__}
    return types.new_class(f"PersonalData{fact.title()}", (fields, side), said, lambda names: names.update(body))


class ErasureRequested(Heard, type="identity.erasure.requested"):
    """Somebody wants to be forgotten: who else is the same person?"""

    erasure_id: int
    asked: int
    subjects: tuple[str, ...]


class ErasureBegun(Heard, type="identity.erasure.begun"):
    """All subjects are known: they are to be blanked everywhere."""

    erasure_id: int
    subjects: tuple[str, ...]
    with_texts: bool


# -- the register ----------------------------------------------------------------------------------


class Register:
    """Who was erased, as one database knows it; read again only when somebody was added."""

    def __init__(self) -> None:
        self._newest, self._known = 0, Wanted()

    def current(self, talk: Talk) -> Wanted:
        newest = talk.execute(sa.select(sa.func.max(erased_subject.c.id))).scalar() or 0
        if newest != self._newest:
            self._newest, self._known = newest, wanted(registered(talk))
        return self._known


def registered(talk: Talk) -> list[tuple[Subject, bool]]:
    """Every erased subject, and whether the free text about it went too."""
    table = erased_subject.c
    rows = talk.execute(sa.select(table.kind, table.subject_key, table.with_texts))
    return [(Subject(row.kind, row.subject_key), row.with_texts) for row in rows]


def remember(tx: Transaction, erasure_id: int, subjects: Iterable[Subject], *, with_texts: bool) -> int:
    """Keep them for ever; how many were new."""
    table = erased_subject.c
    there = (table.with_texts.in_((True, with_texts)),)
    known = {(row.kind, row.subject_key) for row in tx.rows(sa.select(table.kind, table.subject_key).where(*there))}
    new = sorted({subject for subject in subjects if subject not in known})
    if not new:
        return 0
    shared = {"with_texts": with_texts, "erasure_id": erasure_id, "at": tx.now}
    numbers = tx.next_numbers(SERIES, len(new))
    rows = [
        {"id": number, "kind": one.kind, "subject_key": one.key} | shared
        for number, one in zip(numbers, new, strict=True)
    ]
    tx.execute(sa.insert(erased_subject), rows)
    return len(new)


class Guard:
    """Lets events in only without what they say of people who were erased, whichever way and however late they come."""

    def __init__(self, marks: Callable[[], Marks]) -> None:
        self.marks, self.register = marks, Register()

    def __call__(self, talk: Talk, deliveries: Sequence[Delivery]) -> list[Delivery]:
        erased = self.register.current(talk) if deliveries else Wanted()
        if not erased:
            return list(deliveries)
        marks = self.marks()
        return [_without(delivery, marks, erased) for delivery in deliveries]


def _without(delivery: Delivery, marks: Marks, erased: Wanted) -> Delivery:
    raw = blanked(delivery.raw, marks, erased).raw
    return delivery if raw is delivery.raw else parsed(raw, delivery.via)


# -- reactions -------------------------------------------------------------------------------------


class Erasing:
    """The reactions of a service, and beside them what every service does about an erasure."""

    def __init__(self, inner: Reactions, service: Service) -> None:
        self.inner, self.service = inner, service
        self.causes: Mapping[str, tuple[type[Any], Callable[[Transaction, Any], None]]] = {
            ErasureRequested.event_type: (ErasureRequested, self._trace),
            ErasureBegun.event_type: (ErasureBegun, self._begin_erasing),
        }

    @property
    def hears(self) -> list[type[Heard]]:
        mine = [kind for kind, _ in self.causes.values()]
        return [*self.inner.hears, *mine]

    def aggregates(self) -> Mapping[str, set[str]]:
        found = {source: set(kinds) for source, kinds in self.inner.aggregates().items()}
        found.setdefault("identity", set()).add(ErasureBegun.aggregate_type)
        return found

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        self.inner.begin(tx, envelopes)

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        self.inner.apply(tx, envelope)
        known = self.causes.get(envelope.type)
        if known:
            heard, reaction = known
            reaction(tx, data_of(envelope, heard))

    def finish(self, tx: Transaction) -> None:
        self.inner.finish(tx)

    def newest_major(self, event_type: str) -> int | None:
        known = self.causes.get(unversioned(event_type))
        return known[0].schema_major if known else self.inner.newest_major(event_type)

    def types(self) -> Mapping[str, str] | None:
        own = self.inner.types()
        return (
            None if own is None else {**own, **{name: kind.aggregate_type for name, (kind, _) in self.causes.items()}}
        )

    def reaches_out(self, event_type: str) -> bool:
        return self.inner.reaches_out(event_type)

    def _trace(self, tx: Transaction, event: ErasureRequested) -> None:
        """Say which of our subjects are the same person; those that are no records of ours are others' to know."""
        owned = owned_kinds(self.service.metadata)
        if not owned:
            return
        named = [subject_of(one) for one in event.subjects]
        mine = [one for one in named if one.kind in owned]
        unknown = [one for one in mine if not _was_there(tx, owned[one.kind], one)]
        said = said_by(self.service.name)
        if unknown:
            _tell(tx, event, said.unknown, unknown)
            return
        follow = self.service.same_person
        found = {*mine, *(set(follow(tx, named)) - set(named) if follow else ())}
        _tell(tx, event, said.traced, found)

    def _begin_erasing(self, tx: Transaction, event: ErasureBegun) -> None:
        """From now on nothing of them comes in; what is here is blanked next."""
        remember(tx, event.erasure_id, map(subject_of, event.subjects), with_texts=event.with_texts)
        _counted(tx, event.erasure_id, "waiting")


def _was_there(tx: Transaction, table: sa.Table, subject: Subject) -> bool:
    """Records that were removed since are still in the log."""
    about = (event_log.c.aggregate_type == table.info[NOUN], event_log.c.aggregate_id == subject.key)
    return tx.scalar(sa.select(event_log.c.id).where(*about).limit(1)) is not None


def _tell(tx: Transaction, event: ErasureRequested, kind: type[Any], subjects: Iterable[Subject]) -> None:
    said = kind(erasure_id=event.erasure_id, asked=event.asked, subjects=tuple(sorted(map(str, subjects))))
    tx.say(said, _counted(tx, event.erasure_id, "traced"))


def _counted(tx: Transaction, erasure_id: int, state: str) -> int:
    """Note the state of our part; its version counts what we have said about it, and what we are about to say."""
    table, telling = erasure_task.c, int(state != "waiting")
    row = {"erasure_id": erasure_id, "state": state, "at": tx.now, "version": telling}
    row["correlation_id"] = tx.cause.correlationid if tx.cause else ""
    statement = insert(tx.session, erasure_task).values(row)
    new = {"state": state, "at": tx.now, "done_at": None, "version": table.version + telling}
    kept = statement.on_conflict_do_update(index_elements=["erasure_id"], set_=new)
    version: int = tx.scalar(kept.returning(table.version))
    return version


def reapply(tx: Transaction, everybody: Iterable[tuple[Subject, bool]]) -> int:
    """Remember whom others know as erased, and sweep all of it again; how many had been forgotten here.

    For a database that came back from a backup. What is done counts as done already, so nothing is said about it.
    """
    added = 0
    for with_texts in (False, True):
        mine = [subject for subject, texts in everybody if texts == with_texts]
        added += remember(tx, RESTORED, mine, with_texts=with_texts)
    table = erasure_task.c
    row = {
        "erasure_id": RESTORED,
        "state": "done",
        "at": tx.now,
        "again_at": tx.now,
        "version": 0,
        "correlation_id": "",
    }
    statement = insert(tx.session, erasure_task).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=[table.erasure_id], set_={"again_at": tx.now}))
    return added


def look_again(tx: Transaction) -> str:
    """Once a day everything is swept again: a backup may have come back, or a field may have been marked since."""
    newest = sa.select(sa.func.max(erasure_task.c.erasure_id)).where(erasure_task.c.state == "done").scalar_subquery()
    tx.execute(sa.update(erasure_task).where(erasure_task.c.erasure_id == newest).values(again_at=tx.now))
    return "asked for"


AGAIN = Job("sweep again", look_again, every=timedelta(days=1))
