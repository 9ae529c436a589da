"""The long flows of identity: a person is traced, then erased; what somebody has in charge goes to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis import flowing, handing_over
from chassis.erasure import heard_from
from chassis.events import PREFIX, Heard
from chassis.flows import Flow, Run, State, Step
from chassis.transaction import Transaction
from identity import in_charge
from identity.erasure.model import Erasure
from identity.hand_over.life_cycle import Status
from identity.hand_over.model import KINDS, HandOver
from identity.session.commands import DISABLED, end_sessions
from identity.user.model import User

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
    must_end=True,
)
"""Nobody is erased anywhere before all have said who it is; what has begun is not taken back."""

ERASING = {
    kind: go_on_with_erasure
    for service in SERVICES
    for kind in (heard_from(service) if service in TRACERS else [heard_from(service).erased])
}


COUNT_WITHIN = timedelta(minutes=15)
CONFIRM_WITHIN = timedelta(days=7)
"""A preview of last week tells nobody what goes over today."""
MOVE_WITHIN = timedelta(hours=2)
"""Ten thousand records go over within minutes; after this long somebody should look."""
TURNS = 2
"""The second takes what came to somebody while the first went on; by then the account is disabled."""


class Confirmed(Heard, type="identity.hand-over.confirmed"):
    """An administrator wants what was counted to go over."""

    hand_over_id: int


def ask_to_count(tx: Transaction, run: Run) -> None:
    tx.publish(_hand_over(tx, run).requested())


def note_counted(tx: Transaction, run: Run, event: Any) -> None:
    tx.publish(_hand_over(tx, run).note_counted(service_of(event), event.counted, at=tx.now))


def why_declined(event: Any) -> str:
    return f"User {event.user_id} cannot take any {event.kind}"


def go_ahead(_tx: Transaction, run: Run, _event: Confirmed) -> None:
    run.data["turns_done"] = 0


def ask_to_move(tx: Transaction, run: Run) -> None:
    tx.publish(_hand_over(tx, run).begin_moving(turn=run.data["turns_done"] + 1))


def note_moved(tx: Transaction, run: Run, event: Any) -> None:
    """One service has done a turn; after the first the account is disabled, after the last all is done."""
    hand_over, step = _hand_over(tx, run), HAND_OVER.step("moving")
    hand_over.note_moved(service_of(event), event.moved, at=tx.now)
    if len(run.answered(step)) + 1 < len(step.answers):
        return
    run.data["turns_done"] += 1
    if run.data["turns_done"] < TURNS:
        shut_out(tx, hand_over.user_id)
        return
    if "customer" in hand_over.receivers:
        in_charge.settle(tx, hand_over.user_id)
    tx.publish(hand_over.complete(at=tx.now))


def more_turns_follow(run: Run) -> bool:
    return bool(run.data["turns_done"] < TURNS)


def shut_out(tx: Transaction, user_id: int) -> None:
    """Whoever has handed over does not come back, unless an administrator says so."""
    user = tx.find(User, user_id)
    if user is not None and user.is_active:
        tx.publish(user.disable())
        end_sessions(tx, user_id, DISABLED)


def let_it_stay(tx: Transaction, run: Run, _reason: str) -> None:
    """Nobody goes on with it; what has gone over is where it should be."""
    tx.publish(_hand_over(tx, run).cancel(at=tx.now))


def go_on_with_hand_over(tx: Transaction, event: Any) -> None:
    """Whatever a service says about a hand-over moves its flow; who cannot take something ends it."""
    book, flow_id = tx.companion(flowing.Book), HAND_OVER.id_of(event.hand_over_id)
    run = book.find(flow_id)
    if run is not None and getattr(event, "turn", run.data["turns_done"] + 1) != run.data["turns_done"] + 1:
        book.note(run, run.step, flowing.Outcome.LATE, _name(type(event)))
        return
    if event.event_type.endswith(".declined"):
        _refuse(tx, event)
    flowing.hear(tx, HAND_OVER, event.hand_over_id, event)


def _refuse(tx: Transaction, event: Any) -> None:
    """Before the flow ends, which would call it cancelled."""
    hand_over = tx.get(HandOver, event.hand_over_id)
    if hand_over.status == Status.COUNTING:
        about = {"kind": event.kind, "receiver_id": event.user_id, "needed_role": event.needed_role}
        tx.publish(hand_over.refuse(**about, at=tx.now))


def _hand_over(tx: Transaction, run: Run) -> HandOver:
    return tx.get(HandOver, int(run.correlation_id))


PARTS = {service: handing_over.heard_from(service) for service in KINDS}
"""What each service says about a hand-over."""
HAND_OVER = Flow(
    name="hand-over",
    steps=[
        Step(
            name="counting",
            within=COUNT_WITHIN,
            answers={_name(part.counted): note_counted for part in PARTS.values()},
            refusals={_name(part.declined): why_declined for part in PARTS.values()},
            asks=ask_to_count,
            needs_all=True,
        ),
        Step(name="confirming", within=CONFIRM_WITHIN, answers={_name(Confirmed): go_ahead}),
        Step(
            name="moving",
            within=MOVE_WITHIN,
            answers={_name(part.moved): note_moved for part in PARTS.values()},
            asks=ask_to_move,
            needs_all=True,
            begins_again=more_turns_follow,
        ),
    ],
    gives_back=let_it_stay,
)
"""Counted everywhere, confirmed by an administrator, done everywhere; what has gone over is not taken back."""

REACTIONS = {
    **ERASING,
    Confirmed: go_on_with_hand_over,
    **{kind: go_on_with_hand_over for part in PARTS.values() for kind in part},
}
"""For ``hears`` on the page."""
