"""Explores a state machine to its last corner: what a drawing shows at a glance, a test has to count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.machine import Machine, word


def faults(machine: Machine) -> list[str]:
    """What is wrong with a machine, in words; empty when it is sound."""
    return [*_strangers(machine), *_unreachable(machine), *_dead_ends(machine), *_ways_out(machine)]


def reachable(machine: Machine) -> set[Any]:
    """Every state that some record can be in, found by walking all arrows from all beginnings."""
    found: set[Any] = set()
    ahead = list(machine.initial)
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead += [target for _, target in steps(machine, state)]
    return found


def steps(machine: Machine, state: Any) -> Iterator[tuple[str, Any]]:
    """The arrows that leave a state: (action, target)."""
    for move in machine.moves:
        if state in move.sources:
            yield from ((move.action, target) for target in move.targets(state))


def illegal_pairs(machine: Machine) -> list[tuple[Any, Any]]:
    """Every pair of states that no arrow connects; what a server must never store."""
    return [(old, new) for old in machine.states for new in machine.states if not machine.permits(old, new)]


def _strangers(machine: Machine) -> list[str]:
    known = set(machine.states)
    drawn = {state for move in machine.moves for state in (*move.sources, *move.to)} | set(machine.final)
    missing = [f"{state!r} is drawn and is no state of {machine.noun}" for state in drawn - known]
    return missing + ([] if machine.initial else [f"no {machine.noun} can begin"])


def _unreachable(machine: Machine) -> list[str]:
    return [f"nothing leads to {word(state)}" for state in machine.states if state not in reachable(machine)]


def _dead_ends(machine: Machine) -> list[str]:
    """A state that no other state follows, and that nobody called final."""
    open_states = [state for state in machine.states if state not in machine.final]
    return [f"{word(state)} leads nowhere and is not final" for state in open_states if not _leaves(machine, state)]


def _ways_out(machine: Machine) -> list[str]:
    return [f"{word(state)} is final and can be left" for state in machine.final if _leaves(machine, state)]


def _leaves(machine: Machine, state: Any) -> bool:
    is_removed = any(move.removes and state in move.sources for move in machine.moves)
    return is_removed or any(target != state for _, target in steps(machine, state))
