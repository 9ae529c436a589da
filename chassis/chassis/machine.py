"""State machines as data: one declaration checks the server, offers the actions of an answer, and draws the picture.

A noun's model declares its machine beside its states::

    LIFE_CYCLE = Machine(
        noun="ticket",
        states=Status,
        final=(Status.CLOSED,),
        moves=[
            Move("create", to=Status.OPEN, needs="ticket:create"),
            Move("close", Status.OPEN, to=Status.CLOSED, needs="ticket:close", guards=[is_mine], refuses=closed),
        ],
    )

A command asks ``LIFE_CYCLE.must_allow("close", tx.case(ticket))`` and then lets the model decide. A view with
``actions = Actions(LIFE_CYCLE)`` tells everybody what he or she may do next, and why not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from chassis.principal import Principal
from chassis.problems import Conflict, Forbidden, Problem


class NotInThisState(Conflict):
    """The record's present state does not allow this."""

    noun: str
    action: str
    state: str
    allowed_in: Sequence[str]


class Misdrawn(TypeError):
    """A machine contradicts itself."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A record as it stands, who wants something of it, and what else a guard has to know."""

    record: Any
    who: Principal
    now: datetime
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


Guard = Callable[[Case], None]
"""Raises the refusal when this case does not allow the move; sees no session and no clock."""
Refusal = Callable[[Any], Problem]
"""The refusal of a record that is in the wrong state."""
StateOf = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Move:
    """One arrow, or several of one name: from ``sources`` (none: it begins a record) ``to`` a state.

    Without ``to`` the state stays. Several targets mean that what is said decides. A move without ``needs`` is
    made ``by_itself``: by a job, a deadline or what another service said. ``removes`` ends the record.
    """

    action: str
    sources: Any = ()
    to: Any = ()
    needs: str = ""
    guards: Sequence[Guard] = ()
    refuses: Refusal | None = None
    by_itself: bool = False
    removes: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", _several(self.sources))
        object.__setattr__(self, "to", _several(self.to))
        if bool(self.needs) == self.by_itself:
            raise Misdrawn(f"{self.action} needs a right, or happens by itself")

    @property
    def begins(self) -> bool:
        return not self.sources

    def targets(self, state: Any) -> Sequence[Any]:
        """Where it leads from this state; nowhere when the record is gone afterwards."""
        return () if self.removes else self.to or (state,)

    def must_guard(self, case: Case) -> None:
        for guard in self.guards:
            guard(case)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Machine:
    """The states of a noun and what moves a record between them.

    ``column`` is the attribute that holds the state.
    """

    noun: str
    states: type[Enum]
    moves: Sequence[Move]
    final: Sequence[Any] = ()
    column: str = "status"

    def __post_init__(self) -> None:
        names = [move.action for move in self.moves]
        if len(names) != len(set(names)):
            raise Misdrawn(f"{self.noun}: an action is declared twice")

    @property
    def initial(self) -> list[Any]:
        """The states in which a record may begin."""
        return [state for move in self.moves if move.begins for state in move.to]

    def move(self, action: str) -> Move:
        for move in self.moves:
            if move.action == action:
                return move
        raise Misdrawn(f"{self.noun} has no action {action}")

    def state_of(self, record: Any) -> Any:
        return self.states(getattr(record, self.column))

    def permits(self, old: Any, new: Any) -> bool:
        """Whether any move leads from one state to the other."""
        before, after = self.states(old), self.states(new)
        return any(before in move.sources and after in move.targets(before) for move in self.moves)

    def must_be_able(self, action: str, record: Any) -> None:
        """Raises the move's refusal when the record's state does not allow it; asks nothing else."""
        move, state = self.move(action), self.state_of(record)
        if state in move.sources:
            return
        if move.refuses:
            raise move.refuses(record)
        raise NotInThisState(
            noun=self.noun, action=action, state=word(state), allowed_in=[word(one) for one in move.sources]
        )

    def must_allow(self, action: str, case: Case) -> None:
        """Raises the first refusal: the state first, then the guards."""
        self.must_be_able(action, case.record)
        self.move(action).must_guard(case)

    def refusal(self, move: Move, case: Case) -> Problem | None:
        """Why this move is not open to this person now; None when it is."""
        try:
            if not case.who.has(move.needs):
                raise Forbidden(needs=move.needs)
            self.must_allow(move.action, case)
        except Problem as problem:
            return problem
        return None

    def actions(self, case: Case) -> list[dict[str, Any]]:
        """What people may do with a record, in the order of the declaration, each with the reason why not."""
        offered = [move for move in self.moves if not move.begins and not move.by_itself]
        return [_offer(move, self.refusal(move, case)) for move in offered]

    def diagram(self) -> str:
        """The machine as a Mermaid state diagram."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {_node(state)}: {word(state).replace('-', ' ')}" for state in self.states]
        for move in self.moves:
            for source in move.sources or (None,):
                lines += _arrows(move, source)
        lines += [f"    {_node(state)} --> [*]" for state in self.final]
        return "\n".join(dict.fromkeys(lines))


def word(state: Any) -> str:
    """``IN_DEVELOPMENT`` as ``in-development``."""
    return str(state.name).lower().replace("_", "-")


def _several(states: Any) -> tuple[Any, ...]:
    return tuple(states) if isinstance(states, tuple | list) else (states,)


def _offer(move: Move, refusal: Problem | None) -> dict[str, Any]:
    reason = refusal and {
        "type": f"/problems/{refusal.slug}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail or None,
    }
    return {"action": move.action, "allowed": refusal is None, "reason": reason}


def _node(state: Any) -> str:
    """The name of a state inside a drawing, where a hyphen would be read as part of an arrow."""
    return str(state.name).lower()


def _arrows(move: Move, source: Any) -> list[str]:
    start = "[*]" if source is None else _node(source)
    label = f"{move.action} (by itself)" if move.by_itself else move.action
    ends = ["[*]"] if move.removes else [_node(target) for target in move.targets(source)]
    return [f"    {start} --> {end}: {label}" for end in ends]
