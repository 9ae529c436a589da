"""State machines: what they allow, offer and refuse; and the explorer finds what is wrong with one."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.machine import Case, Machine, Misdrawn, Move, NotInThisState
from chassis.principal import Principal
from chassis.problems import Forbidden
from chassis.testing.machines import faults, illegal_pairs, reachable

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ADA = Principal(user_id=1, name="Ada", kind="user", rights=frozenset({"lamp:use"}))
BOB = Principal(user_id=2, name="Bob", kind="user")


class Lamp(IntEnum):
    """A lamp that breaks."""

    OFF = 1
    ON = 2
    BROKEN = 3


class NotYourLamp(Forbidden):
    """Only its owner may switch a lamp."""


def is_owner(case: Case) -> None:
    if case.who.user_id != case.record.owner_id:
        raise NotYourLamp()


def a_machine(**change: Any) -> Machine:
    moves = [
        Move("make", to=Lamp.OFF, needs="lamp:make"),
        Move("light", Lamp.OFF, to=Lamp.ON, needs="lamp:use", guards=[is_owner]),
        Move("dim", Lamp.ON, needs="lamp:use"),
        Move("extinguish", Lamp.ON, to=Lamp.OFF, needs="lamp:use"),
        Move("burn-out", Lamp.ON, to=Lamp.BROKEN, by_itself=True),
    ]
    return Machine(**{"noun": "lamp", "states": Lamp, "moves": moves, "final": (Lamp.BROKEN,), **change})


LIFE_CYCLE = a_machine()


def a_case(state: Lamp, who: Principal = ADA, owner_id: int = 1) -> Case:
    return Case(SimpleNamespace(status=state, owner_id=owner_id), who, MONDAY)


def test_a_move_is_allowed_in_its_states_only() -> None:
    LIFE_CYCLE.must_allow("light", a_case(Lamp.OFF))

    with pytest.raises(NotInThisState) as refused:
        LIFE_CYCLE.must_allow("light", a_case(Lamp.ON))
    assert (refused.value.state, refused.value.allowed_in) == ("on", ["off"])


def test_a_guard_refuses_after_the_state_was_right() -> None:
    with pytest.raises(NotYourLamp):
        LIFE_CYCLE.must_allow("light", a_case(Lamp.OFF, owner_id=9))


def test_everybody_is_told_what_may_be_done_and_why_not() -> None:
    offered = LIFE_CYCLE.actions(a_case(Lamp.OFF))

    assert [(one["action"], one["allowed"]) for one in offered] == [
        ("light", True), ("dim", False), ("extinguish", False),
    ]  # fmt: skip
    assert offered[1]["reason"]["type"] == "/problems/not-in-this-state"


def test_whoever_lacks_the_right_is_told_so() -> None:
    offered = LIFE_CYCLE.actions(a_case(Lamp.OFF, who=BOB))

    assert {one["reason"]["type"] for one in offered} == {"/problems/forbidden"}


def test_only_arrows_connect_states() -> None:
    assert LIFE_CYCLE.permits(Lamp.ON, Lamp.BROKEN)
    assert LIFE_CYCLE.permits(Lamp.ON, Lamp.ON)
    assert set(illegal_pairs(LIFE_CYCLE)) == {
        (Lamp.OFF, Lamp.OFF), (Lamp.OFF, Lamp.BROKEN),
        (Lamp.BROKEN, Lamp.OFF), (Lamp.BROKEN, Lamp.ON), (Lamp.BROKEN, Lamp.BROKEN),
    }  # fmt: skip


def test_the_picture_shows_beginnings_ends_and_arrows() -> None:
    picture = LIFE_CYCLE.diagram().splitlines()

    assert "    [*] --> off: make" in picture
    assert "    on --> broken: burn-out (by itself)" in picture
    assert "    broken --> [*]" in picture


def test_a_sound_machine_has_no_faults() -> None:
    assert faults(LIFE_CYCLE) == []
    assert reachable(LIFE_CYCLE) == set(Lamp)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"moves": LIFE_CYCLE.moves[:-1], "final": ()}, "nothing leads to broken"),
        ({"final": ()}, "broken leads nowhere and is not final"),
        ({"final": (Lamp.BROKEN, Lamp.ON)}, "on is final and can be left"),
        ({"moves": LIFE_CYCLE.moves[1:]}, "no lamp can begin"),
    ],
)
def test_the_explorer_finds_what_is_wrong(change: dict[str, Any], fault: str) -> None:
    assert fault in faults(a_machine(**change))


def test_a_machine_that_contradicts_itself_is_not_made() -> None:
    with pytest.raises(Misdrawn):
        Move("light", Lamp.OFF, to=Lamp.ON)
    with pytest.raises(Misdrawn):
        a_machine(moves=[*LIFE_CYCLE.moves, LIFE_CYCLE.moves[0]])
