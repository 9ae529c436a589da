"""The long flow of identity: a person is traced, then erased, in every service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis import flowing
from chassis.erasure import heard_from
from chassis.events import PREFIX, Heard
from chassis.flows import Flow, Run, State, Step
from chassis.transaction import Transaction
from identity.erasure.model import Erasure

SERVICES = ("identity", "marketing", "customer", "service-desk", "reporting")
"""Everybody who keeps events."""
TRACERS = SERVICES[:-1]
"""Everybody who keeps records about people; reporting only has what others told it."""
TRACE_WITHIN = timedelta(minutes=15)
ERASE_WITHIN = timedelta(hours=6)
"""A log of many million events is read once; after this long somebody should look."""


MOST_QUESTIONS = 10
"""Each answer may lead to another service's record; people are not known under more names than this."""


def gather(tx: Transaction, run: Run, event: Any) -> None:
    """These subjects are the same person, too."""
    run.data["subjects"] = sorted({*run.data["subjects"], *event.subjects})


def more_are_known(run: Run) -> bool:
    """Whether somebody knows of subjects that nobody was asked about yet."""
    return run.data["asked"] < MOST_QUESTIONS and set(run.data["subjects"]) > set(run.data["named"])


def note_erased(tx: Transaction, run: Run, event: Any) -> None:
    """One service more has done it; the last one completes the erasure."""
    erasure = tx.get(Erasure, int(run.correlation_id))
    erasure.note_erased(service_of(event), event.blanked, at=tx.now)
    if all(part.erased_at for part in erasure.parts):
        tx.publish(erasure.complete(at=tx.now))


def ask_who(tx: Transaction, run: Run) -> None:
    """Ask about all that are known by now; answers to earlier questions do not count any more.

    While some have answered and others have not, the question stays the same.
    """
    if not run.answered(ERASURE.step("tracing")):
        run.data |= {"asked": run.data["asked"] + 1, "named": run.data["subjects"]}
    erasure = tx.get(Erasure, int(run.correlation_id))
    tx.publish(erasure.requested(asked=run.data["asked"], subjects=run.data["named"]))


def ask_to_erase(tx: Transaction, run: Run) -> None:
    tx.publish(tx.get(Erasure, int(run.correlation_id)).begin_erasing(run.data["subjects"]))


def why_refused(event: Any) -> str:
    return f"There is no {', '.join(event.subjects)}"


def service_of(event: Heard) -> str:
    return event.event_type.split(".")[1]


def go_on_with_erasure(tx: Transaction, event: Any) -> None:
    """Whatever a service says about an erasure moves its flow; a refusal ends it."""
    book, flow_id = tx.companion(flowing.Book), ERASURE.id_of(event.erasure_id)
    if _answers_an_earlier_question(book.find(flow_id), event):
        book.note(book.get(flow_id), "tracing", flowing.Outcome.LATE, _name(type(event)))
        return
    flowing.hear(tx, ERASURE, event.erasure_id, event)
    if book.get(flow_id).state == State.FAILED and event.event_type.endswith(".unknown"):
        tx.publish(tx.get(Erasure, event.erasure_id).refuse(event.subjects, at=tx.now))


def _answers_an_earlier_question(run: Run | None, event: Any) -> bool:
    return run is not None and getattr(event, "asked", run.data["asked"]) != run.data["asked"]


def _name(kind: type[Any]) -> str:
    name: str = kind.event_type
    return name.removeprefix(PREFIX)


ERASURE = Flow(
    name="erasure",
    steps=[
        Step(
            name="tracing",
            within=TRACE_WITHIN,
            answers={_name(heard_from(service).traced): gather for service in TRACERS},
            refusals={_name(heard_from(service).unknown): why_refused for service in TRACERS},
            asks=ask_who,
            needs_all=True,
            begins_again=more_are_known,
        ),
        Step(
            name="erasing",
            within=ERASE_WITHIN,
            answers={_name(heard_from(service).erased): note_erased for service in SERVICES},
            asks=ask_to_erase,
            needs_all=True,
        ),
    ],
)
"""Nobody is erased anywhere before all have said who it is; what has begun is not taken back."""

REACTIONS = {
    kind: go_on_with_erasure
    for service in SERVICES
    for kind in (heard_from(service) if service in TRACERS else [heard_from(service).erased])
}
"""For ``hears`` on the page."""
