"""What a build listens to against what is on record: rules without a database."""

from __future__ import annotations

import pytest

from chassis.events import on_the_wire, open_envelope
from chassis.reactions import OneByOne, Reacting
from chassis.subscription import EXACT, WHOLE, Key, State, Subscription, begun, declared, ended, met
from chassis.testing.stage import an_envelope
from tests.toy import HeardMade, HeardPainted, HeardSold, note_sale, print_again, print_label

TOY: Key = ("workshop", "toy", WHOLE)
MADE: Key = ("workshop", "toy", "crm.workshop.toy.made")
PAINTED: Key = ("workshop", "toy", "crm.workshop.toy.painted")


def recorded(*keys: Key, state: State = State.JOINED, **more: int) -> dict[Key, Subscription]:
    return {key: Subscription(key, state, **more) for key in keys}


def test_a_build_listens_to_whole_aggregates_and_reacts_to_types() -> None:
    assert declared(OneByOne({HeardMade: print_label, HeardPainted: print_again})) == {TOY, MADE, PAINTED}


def test_a_newborn_begins_with_everything() -> None:
    assert begun({}, {TOY, MADE}) == [Subscription(TOY, State.NEW), Subscription(MADE, State.NEW)]


def test_what_is_on_record_does_not_begin_again() -> None:
    assert begun(recorded(TOY, MADE), {TOY, MADE, PAINTED}) == [Subscription(PAINTED, State.NEW)]


def test_what_was_left_begins_anew_and_keeps_its_record() -> None:
    left = recorded(PAINTED, state=State.LEFT, taken_to=EXACT)

    assert begun(left, {PAINTED}) == [Subscription(PAINTED, State.NEW, taken_to=EXACT)]


@pytest.mark.parametrize(
    ("key", "state", "taken_to"),
    [(PAINTED, State.JOINED, EXACT), (PAINTED, State.CATCHING_UP, 7), (TOY, State.JOINED, 0)],
)
def test_what_a_build_does_not_know_any_more_is_left(key: Key, state: State, taken_to: int) -> None:
    (left,) = ended(recorded(key, state=state, taken_to=7), {MADE})

    assert (left.key, left.state, left.taken_to) == (key, State.LEFT, taken_to)


def test_what_was_left_is_not_left_again() -> None:
    assert ended(recorded(PAINTED, state=State.LEFT), set()) == []


def test_the_types_of_a_new_aggregate_are_joined_when_its_source_is_met() -> None:
    new = recorded(TOY, MADE, state=State.NEW)

    states = {one.key: (one.state, one.past_to, one.epoch) for one in met(new, "workshop", (9, 2))}

    assert states == {TOY: (State.CATCHING_UP, 9, 2), MADE: (State.JOINED, 9, 2)}


def test_a_new_type_of_a_known_aggregate_has_to_catch_up() -> None:
    both = recorded(TOY) | recorded(PAINTED, state=State.NEW)

    (found,) = met(both, "workshop", (9, 1))

    assert (found.key, found.state, found.past_to) == (PAINTED, State.CATCHING_UP, 9)


def test_another_source_is_none_of_its_business() -> None:
    assert met(recorded(PAINTED, state=State.NEW), "forest", (9, 1)) == []


@pytest.mark.parametrize(
    ("position", "epoch", "is_past"), [(9, 1, True), (10, 1, False), (9, 2, False), (1, 1, True), (10, 2, False)]
)
def test_past_is_what_stood_in_the_log_when_its_source_was_met(position: int, epoch: int, is_past: bool) -> None:
    raw = an_envelope(HeardMade(toy_id=1, name="bear"), source="workshop", version=1)
    said = open_envelope(on_the_wire(raw, position, epoch))

    assert Subscription(MADE, State.JOINED, epoch=1, past_to=9).is_past(said) is is_past


def test_before_its_source_was_met_nothing_is_known_to_be_past() -> None:
    raw = an_envelope(HeardMade(toy_id=1, name="bear"), source="workshop", version=1)

    assert not Subscription(MADE, State.NEW).is_past(open_envelope(on_the_wire(raw, 1, 1)))


def test_a_reaction_says_whether_it_reaches_out() -> None:
    reactions = OneByOne({HeardMade: Reacting(print_label, effects=True), HeardSold: note_sale})

    assert [reactions.reaches_out(key) for key in (MADE[2], "crm.workshop.toy.sold")] == [True, False]
