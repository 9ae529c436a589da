"""Long flows at work: started once, moved by answers, deadlines and operators, each move kept with its effects."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from chassis import schedule
from chassis.dialect import insert
from chassis.events import PREFIX, Heard, encode
from chassis.flows import OPEN, Act, Flow, FlowStillRunning, FlowUnknown, Run, State, Step, Verdict, stuck_in
from chassis.problems import NotFound
from chassis.tables import flow as flow_table
from chassis.tables import flow_step
from chassis.transaction import Transaction

DEADLINE = "flow.deadline"


class Outcome(StrEnum):
    """What became of a step; a late answer is written down and moves nothing."""

    ANSWERED = "answered"
    REFUSED = "refused"
    LATE = "late"
    STUCK = "stuck"
    RETRIED = "retried"
    UNDONE = "undone"
    CANCELLED = "cancelled"


class FlowNotFound(NotFound):
    """There is no such flow."""


_LOCKED = sa.select(flow_table).where(flow_table.c.id == sa.bindparam("flow_id")).with_for_update()


class Book:
    """The flows a transaction has in hand, locked; moves, notes and deadlines are written together at its end."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self._runs: dict[str, Run] = {}
        self._moved: set[str] = set()
        self._notes: list[dict[str, Any]] = []
        self._settled: list[str] = []
        self._deadlines: list[schedule.Message] = []

    def find(self, flow_id: str) -> Run | None:
        """The run, locked until the transaction ends."""
        if flow_id not in self._runs:
            row = self.tx.row(_LOCKED.params(flow_id=flow_id))
            if row is None:
                return None
            self._runs[flow_id] = Run(**{**row._mapping, "data": json.loads(row.data)})
        return self._runs[flow_id]

    def get(self, flow_id: str) -> Run:
        """The run, locked. Raises FlowNotFound."""
        run = self.find(flow_id)
        if run is None:
            raise FlowNotFound(detail=f"No flow {flow_id}")
        return run

    def wait(self, run: Run, step: Step) -> None:
        self._settle_deadline(run)
        run.wait_for(step, self.tx.now)
        self._moved.add(run.id)
        self._deadlines.append(_deadline(run))

    def close(self, run: Run, state: State, reason: str = "") -> None:
        self._settle_deadline(run)
        run.close(state, reason, self.tx.now)
        self._moved.add(run.id)

    def keep(self, run: Run) -> None:
        """It has learned something and waits on, with the same deadline."""
        self._moved.add(run.id)

    def get_stuck(self, run: Run) -> None:
        run.get_stuck(self.tx.now)
        self._moved.add(run.id)

    def note(self, run: Run, step: str, outcome: Outcome, detail: str = "") -> None:
        cause = self.tx.cause
        self._notes.append(
            {
                "flow_id": run.id,
                "step": step,
                "outcome": outcome,
                "event_id": uuid.UUID(cause.id) if cause else None,
                "by_name": self.tx.principal.name[:80],
                "detail": detail,
                "at": self.tx.now,
            }
        )

    def write(self) -> None:
        """A statement for all moves, one for all notes, one each for new deadlines and those that are over."""
        if self._moved:
            rows = [{"flow": flow_id, **_changing(self._runs[flow_id])} for flow_id in sorted(self._moved)]
            self.tx.execute(sa.update(flow_table).where(flow_table.c.id == sa.bindparam("flow")), rows)
        if self._notes:
            self.tx.execute(sa.insert(flow_step), self._notes)
        schedule.schedule_all(self.tx, self._deadlines)
        schedule.cancel_all(self.tx, self._settled)  # after them: one batch may begin a step and end it

    def _settle_deadline(self, run: Run) -> None:
        if run.state == State.RUNNING:
            self._settled.append(run.deadline_key)


def start(tx: Transaction, flow: Flow, correlation: object, data: Mapping[str, Any] | None = None) -> bool:
    """Begin to wait, in the transaction of what is waited upon; false when this flow was started before."""
    return bool(start_all(tx, flow, {correlation: data or {}}))


def start_again(tx: Transaction, flow: Flow, correlation: object, data: Mapping[str, Any]) -> None:
    """Begin to wait, also when the same was tried before and is over: the run goes back to the first step.

    Raises FlowStillRunning while the earlier try is not over.
    """
    if start(tx, flow, correlation, data):
        return
    book = tx.companion(Book)
    run = book.get(flow.id_of(correlation))
    if run.state in OPEN:
        raise FlowStillRunning(flow_id=run.id, deadline_at=run.deadline_at)
    book.note(run, run.step, Outcome.RETRIED, f"was {run.state}: {run.reason}")
    run.data = dict(data)
    book.wait(run, flow.steps[0])


def start_all(tx: Transaction, flow: Flow, begun: Mapping[Any, Mapping[str, Any]]) -> set[str]:
    """Begin many, by correlation and with their data, at the price of two inserts; the ids of the new ones."""
    runs = [flow.begin(correlation, data, tx.now) for correlation, data in begun.items()]
    if not runs:
        return set()
    statement = insert(tx.session, flow_table).on_conflict_do_nothing().returning(flow_table.c.id)
    new = {row.id for row in tx.execute(statement, [_row(run) for run in runs])}
    schedule.schedule_all(tx, [_deadline(run) for run in runs if run.id in new])
    return new


def hear(tx: Transaction, flow: Flow, correlation: object, event: Heard) -> None:
    """Move the flow that this event is about.

    Raises FlowUnknown or FlowNotThereYet, so that the event is parked and tried again: what started the flow,
    or the answer before this one, may still be on its way.
    """
    book = tx.companion(Book)
    run = book.find(flow.id_of(correlation))
    if run is None:
        raise FlowUnknown(flow_id=flow.id_of(correlation), detail=f"No flow {flow.id_of(correlation)}")
    name = event.event_type.removeprefix(PREFIX)
    step = flow.step_awaiting(name)
    verdict = flow.judge(run, name)
    if verdict == Verdict.ANSWER:
        step.answers[name](tx, run, event)
        book.note(run, step.name, Outcome.ANSWERED, name)
        if run.note_answer(step, name):
            _go_on(tx, flow, run, step)
        else:
            book.keep(run)
    elif verdict == Verdict.REFUSAL:
        reason = step.refusals[name](event)
        book.note(run, step.name, Outcome.REFUSED, reason)
        _undo(tx, flow, run, reason)
        book.close(run, State.FAILED, reason)
    else:
        book.note(run, step.name, Outcome.LATE, name)


def retry(tx: Transaction, flow: Flow, flow_id: str) -> Run:
    """Ask again and wait as long as the first time. Raises FlowNotFound, FlowClosed, FlowStillRunning, FlowUndone."""
    book = tx.companion(Book)
    run = book.get(flow_id)
    flow.must_allow_retry(run)
    step = flow.step(run.step)
    book.note(run, step.name, Outcome.RETRIED, f"was {run.state}: {run.reason}")
    book.wait(run, step)
    _ask(tx, run, step.asks)
    return run


def cancel(tx: Transaction, flow: Flow, flow_id: str, reason: str) -> Run:
    """Wait no longer, and take back what the flow had done. Raises FlowNotFound, FlowClosed, FlowMustEnd."""
    book = tx.companion(Book)
    run = book.get(flow_id)
    flow.must_allow_cancelling(run)
    book.note(run, run.step, Outcome.CANCELLED, reason)
    if run.state != State.FAILED:
        _undo(tx, flow, run, reason)
    book.close(run, State.CANCELLED, reason)
    return run


def deadline_passed(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """The timer of every flow: whoever still waits as when it was set is stuck; all others have moved on."""
    book = tx.companion(Book)
    run = book.find(payload["flow"])
    if run is not None and run.still_waits(payload["step"], payload["version"]):
        book.get_stuck(run)
        book.note(run, run.step, Outcome.STUCK, run.reason)
        known = {name: getattr(run, name) for name in ("flow_type", "step", "waiting_for", "waiting_since")}
        tx.note(stuck_in(tx.service)(notice_id=uuid.uuid4(), flow_id=run.id, **known))


TIMERS: Mapping[str, schedule.Timer] = {DEADLINE: deadline_passed}


def _go_on(tx: Transaction, flow: Flow, run: Run, step: Step) -> None:
    book, following = tx.companion(Book), flow.after(step)
    if step.begins_again and step.begins_again(run):
        run.forget_answers(step)
        following = step
    if following is None:
        book.close(run, State.COMPLETED)
    else:
        book.wait(run, following)
        _ask(tx, run, following.asks)


def _undo(tx: Transaction, flow: Flow, run: Run, reason: str) -> None:
    for done in flow.undone_by_failing_in(flow.step(run.step)):
        _ask(tx, run, done.undoes)
        tx.companion(Book).note(run, done.name, Outcome.UNDONE)
    if flow.gives_back:
        flow.gives_back(tx, run, reason)


def _ask(tx: Transaction, run: Run, act: Act | None) -> None:
    if act:
        act(tx, run)


def _row(run: Run) -> dict[str, Any]:
    return {**vars(run), "data": encode(run.data)}


NEVER_CHANGE = ("id", "flow_type", "correlation_id", "started_at")


def _changing(run: Run) -> dict[str, Any]:
    return {name: value for name, value in _row(run).items() if name not in NEVER_CHANGE}


def _deadline(run: Run) -> schedule.Message:
    assert run.deadline_at is not None  # noqa: S101  (it has just begun to wait)
    payload = {"flow": run.id, "step": run.step, "version": run.version}
    return schedule.Message(name=DEADLINE, key=run.deadline_key, at=run.deadline_at, payload=payload)
