"""Long flows: what is waited for, one step after another, until when, and what follows from each answer.

A flow belongs to the service that starts it. It is declared as values, so that an operator can be told about it::

    WIN = Flow(
        name="win",
        steps=[
            Step(
                name="customer",
                within=timedelta(minutes=15),
                answers={"customer.customer.opened": link},
                refusals={"customer.link.refused": why},
                asks=ask_for_customer,
            )
        ],
    )

Here is what a flow is and what may become of it; ``flowing`` keeps it, ``flow_desk`` shows it.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Transaction


class State(StrEnum):
    """Running and stuck flows wait for an answer; a stuck one has waited too long."""

    RUNNING = "running"
    STUCK = "stuck"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.RUNNING, State.STUCK)
ANSWERED = "answered"
"""In a run's data: by step, which of all its answers have come."""


class Verdict(StrEnum):
    """What an event is to a flow."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    LATE = "late"


class FlowUnknown(Conflict):
    """Something answers a flow that was never started here."""

    flow_id: str


class FlowNotThereYet(Conflict):
    """The answer belongs to a later step than the one the flow waits in."""

    flow_id: str
    step: str


class FlowClosed(Conflict):
    """The flow is completed or cancelled and can only be read."""

    flow_id: str
    state: str


class FlowStillRunning(Conflict):
    """The flow waits for an answer and its deadline has not passed."""

    flow_id: str
    deadline_at: datetime | None


class FlowMustEnd(Conflict):
    """Nobody gives this flow up; ask again until it has its answers."""

    flow_id: str


class FlowUndone(Conflict):
    """What the flow had done was undone when it failed, so it cannot go on from there."""

    flow_id: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stuck:
    """What a service says of a flow that has waited too long; each occasion has an id of its own."""

    notice_id: UUID
    flow_id: str
    flow_type: str
    step: str
    waiting_for: str
    waiting_since: datetime


@functools.cache
def stuck_in(service: str) -> type[Any]:
    """The event as this service says it; a service with flows says it without naming it on its page."""
    words = "A long flow has waited too long for an answer; somebody should look at it."
    body = {"__doc__": words, "__module__": __name__}
    said = {"type": f"{service}.flow.stuck", "key": "notice_id"}
    return types.new_class("FlowStuck", (Stuck, Event), said, lambda space: space.update(body))


Answer = Callable[[Transaction, "Run", Any], None]
Refusal = Callable[[Any], str]
"""Why somebody refuses, in a sentence for whoever looks at the flow; nothing personal."""
Act = Callable[[Transaction, "Run"], None]
GivesBack = Callable[[Transaction, "Run", str], None]
"""What becomes of the thing itself when its flow fails or is cancelled, for this reason."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One thing a flow waits for; events are named as in contracts, ``customer.customer.opened``.

    ``asks`` says what makes others answer: when the step begins and when an operator tries again. The first
    step of a flow only says it again, because whatever starts the flow has said it. ``undoes`` takes back a
    completed step when a later one is refused. A step that ``takes_late_answers`` is completed by an answer
    even after the flow failed or was cancelled: for steps whose answer is a fact, whenever it comes. A step that
    ``needs_all`` is completed when each of its answers has come once, in any order; it ``begins_again``, and asks
    again, as long as this says that the answers led to new questions.
    """

    name: str
    within: timedelta
    answers: Mapping[str, Answer]
    refusals: Mapping[str, Refusal] = dataclasses.field(default_factory=dict)
    asks: Act | None = None
    undoes: Act | None = None
    takes_late_answers: bool = False
    needs_all: bool = False
    begins_again: Callable[[Run], bool] | None = None

    @property
    def waiting_for(self) -> str:
        return self.waiting_for_but(())

    def waiting_for_but(self, answered: Sequence[str]) -> str:
        return (" and " if self.needs_all else " or ").join(one for one in self.answers if one not in answered)


@dataclasses.dataclass
class Run:
    """One flow on its way. ``version`` counts its moves, so that an old deadline can be told from the present one."""

    id: str
    flow_type: str
    correlation_id: str
    state: str
    step: str
    waiting_for: str
    waiting_since: datetime
    deadline_at: datetime | None
    reason: str
    data: dict[str, Any]
    version: int
    started_at: datetime
    updated_at: datetime

    def note_answer(self, step: Step, event: str) -> bool:
        """Whether the step is completed by this answer."""
        if not step.needs_all:
            return True
        self.data[ANSWERED] = {**self.data.get(ANSWERED, {}), step.name: [*self.answered(step), event]}
        self.waiting_for = self._awaited(step)
        return not self.waiting_for

    def forget_answers(self, step: Step) -> None:
        self.data.get(ANSWERED, {}).pop(step.name, None)

    def answered(self, step: Step) -> list[str]:
        """The answers that a step which needs all of them has had."""
        found: list[str] = self.data.get(ANSWERED, {}).get(step.name, [])
        return found

    def _awaited(self, step: Step) -> str:
        return step.waiting_for_but(self.answered(step))

    @property
    def deadline_key(self) -> str:
        return f"flow:{self.id}:{self.step}:{self.version}"

    def still_waits(self, step: str, version: int) -> bool:
        """Whether it has not moved since it began to wait in this step at this version."""
        return self.state == State.RUNNING and (self.step, self.version) == (step, version)

    def wait_for(self, step: Step, at: datetime) -> None:
        self.step, self.waiting_for, self.waiting_since = step.name, self._awaited(step), at
        self.deadline_at = at + step.within
        self._move(State.RUNNING, "", at)

    def get_stuck(self, at: datetime) -> None:
        by = f" by {self.deadline_at:%Y-%m-%d %H:%M:%S} UTC" if self.deadline_at else ""
        self._move(State.STUCK, f"No answer{by}", at)

    def close(self, state: State, reason: str, at: datetime) -> None:
        self.waiting_for, self.deadline_at = "", None
        self._move(state, reason, at)

    def must_allow_retry(self) -> None:
        if self.state in (State.COMPLETED, State.CANCELLED):
            raise FlowClosed(flow_id=self.id, state=self.state)
        if self.state == State.RUNNING:
            raise FlowStillRunning(flow_id=self.id, deadline_at=self.deadline_at)

    def must_allow_cancelling(self) -> None:
        if self.state in (State.COMPLETED, State.CANCELLED):
            raise FlowClosed(flow_id=self.id, state=self.state)

    def _move(self, state: State, reason: str, at: datetime) -> None:
        self.state, self.reason, self.updated_at = state, reason, at
        self.version += 1


class Misdeclared(TypeError):
    """A flow's steps contradict each other."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flow:
    """What is waited for in which order. ``correlation`` of a run is the id of what the flow is about.

    ``gives_back`` frees what the flow is about when it fails or is cancelled.
    A flow that ``must_end`` cannot be cancelled: half of it would be worse than waiting.
    ``about`` are the kinds of subject that this id stands for: what operators write about a flow is text about them.
    """

    name: str
    steps: Sequence[Step]
    gives_back: GivesBack | None = None
    about: Sequence[str] = ()
    must_end: bool = False

    def __post_init__(self) -> None:
        awaited = [event for step in self.steps for event in (*step.answers, *step.refusals)]
        if not self.steps or len(awaited) != len(set(awaited)):
            raise Misdeclared(f"{self.name}: each event belongs to one step, and there is at least one step")
        for step in self.steps:
            if step.takes_late_answers and self.undone_by_failing_in(step):
                raise Misdeclared(f"{self.name}: {step.name} cannot take late answers, earlier steps were undone")

    def id_of(self, correlation: object) -> str:
        return f"{self.name}:{correlation}"

    def begin(self, correlation: object, data: Mapping[str, Any], at: datetime) -> Run:
        """A new run that waits in the first step."""
        first = self.steps[0]
        return Run(
            id=self.id_of(correlation),
            flow_type=self.name,
            correlation_id=str(correlation),
            state=State.RUNNING,
            step=first.name,
            waiting_for=first.waiting_for,
            waiting_since=at,
            deadline_at=at + first.within,
            reason="",
            data=dict(data),
            version=1,
            started_at=at,
            updated_at=at,
        )

    def step(self, name: str) -> Step:
        """The step of this name. Raises LookupError when this build does not know it."""
        for step in self.steps:
            if step.name == name:
                return step
        raise LookupError(f"{self.name} has no step {name}")

    def step_awaiting(self, event: str) -> Step:
        """The step an event belongs to. Raises LookupError when there is none."""
        for step in self.steps:
            if event in step.answers or event in step.refusals:
                return step
        raise LookupError(f"{self.name} does not wait for {event}")

    def after(self, step: Step) -> Step | None:
        """The step that follows; None after the last."""
        following = self.steps[self._place(step) + 1 :]
        return following[0] if following else None

    def undone_by_failing_in(self, step: Step) -> list[Step]:
        """The completed steps that are taken back when this one fails, the last one first."""
        return [done for done in reversed(self.steps[: self._place(step)]) if done.undoes]

    def judge(self, run: Run, event: str) -> Verdict:
        """What the event is to the run as it stands. Raises FlowNotThereYet for the answer to a later step."""
        step = self.step_awaiting(event)
        present, awaited = self._place(self.step(run.step)), self._place(step)
        if run.state in OPEN and awaited > present:
            raise FlowNotThereYet(flow_id=run.id, step=step.name)
        if awaited != present or run.state == State.COMPLETED or event in run.answered(step):
            return Verdict.LATE
        if event in step.answers:
            return Verdict.ANSWER if run.state in OPEN or step.takes_late_answers else Verdict.LATE
        return Verdict.REFUSAL if run.state in OPEN else Verdict.LATE

    def must_allow_retry(self, run: Run) -> None:
        """Raises FlowClosed, FlowStillRunning, or FlowUndone when failing has taken earlier steps back."""
        run.must_allow_retry()
        if run.state == State.FAILED and self.undone_by_failing_in(self.step(run.step)):
            raise FlowUndone(flow_id=run.id)

    def must_allow_cancelling(self, run: Run) -> None:
        """Raises FlowClosed or FlowMustEnd."""
        run.must_allow_cancelling()
        if self.must_end:
            raise FlowMustEnd(flow_id=run.id)

    def _place(self, step: Step) -> int:
        return [one.name for one in self.steps].index(step.name)
