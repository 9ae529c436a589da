"""The relay's window: much on its way at once, never two events of one aggregate."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chassis.events import on_the_wire
from chassis.log import Logged
from chassis.testing.stage import an_envelope
from chassis.window import Item, Window
from tests.toy import ToyPainted


def logged(position: int, toy_id: int) -> Logged:
    raw = an_envelope(ToyPainted(toy_id=toy_id, colour="red"), source="workshop", version=position)
    return Logged(position, on_the_wire(raw, position, 1))


class Broker:
    """Whoever publishes from a window, and what the broker has got in which order."""

    def __init__(self, *toys: int, done_to: int = 0) -> None:
        self.window = Window(done_to)
        self.published: list[Item] = []
        self.kept: list[int] = []
        self.tags: dict[int, Item] = {}
        for position, toy_id in enumerate(toys, done_to + 1):
            self.window.add(logged(position, toy_id))
        self.publish()

    def publish(self) -> None:
        while (item := self.window.next_ready()) is not None:
            self.window.sent(item)
            self.published.append(item)
            self.tags[len(self.published)] = item

    def on_the_way(self) -> list[Item]:
        return list(self.window.unconfirmed.values())

    def confirm(self, tag: int, *, multiple: bool = False) -> None:
        self.kept += [item.position for item in self._meant(tag, multiple)]
        self.window.confirm(tag, multiple=multiple)
        self.publish()

    def refuse(self, tag: int, *, multiple: bool = False) -> None:
        self.window.refuse(tag, multiple=multiple)
        self.publish()

    def _meant(self, tag: int, multiple: bool) -> list[Item]:
        open_tags = self.window.unconfirmed
        return [item for one, item in open_tags.items() if one == tag or (multiple and one < tag)]


def positions(items: list[Item]) -> list[int]:
    return [item.position for item in items]


def test_different_aggregates_are_on_their_way_together() -> None:
    assert positions(Broker(1, 2, 3).on_the_way()) == [1, 2, 3]


def test_the_second_event_of_an_aggregate_waits_for_the_first() -> None:
    broker = Broker(1, 1, 2)
    assert positions(broker.on_the_way()) == [1, 3]

    broker.confirm(1)

    assert positions(broker.on_the_way()) == [3, 2]


def test_the_watermark_is_the_end_of_the_unbroken_beginning() -> None:
    broker = Broker(1, 2, 3)
    broker.confirm(3)
    assert broker.window.done_to == 0

    broker.confirm(1)
    assert broker.window.done_to == 1

    broker.confirm(2)
    assert broker.window.done_to == 3


def test_one_confirm_may_mean_all_before_it() -> None:
    broker = Broker(1, 2, 3)

    broker.confirm(2, multiple=True)

    assert (broker.window.done_to, positions(broker.on_the_way())) == (2, [3])


def test_what_was_refused_goes_again_before_its_followers() -> None:
    broker = Broker(1, 1, 2)

    broker.refuse(1)

    assert positions(broker.published) == [1, 3, 1]
    broker.confirm(3)
    assert positions(broker.published) == [1, 3, 1, 2]


def test_a_window_goes_on_where_the_last_one_stopped() -> None:
    broker = Broker(1, 2, done_to=40)

    broker.confirm(1)

    assert broker.window.done_to == 41


def test_an_unknown_tag_changes_nothing() -> None:
    broker = Broker(1)

    broker.confirm(99)

    assert (broker.window.done_to, len(broker.window)) == (0, 1)


answers = st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.booleans()), max_size=60)


@given(toys=st.lists(st.integers(1, 4), min_size=1, max_size=25), answers=answers)
def test_whatever_the_broker_answers_order_and_watermark_hold(
    toys: list[int], answers: list[tuple[int, bool, bool]]
) -> None:
    broker = Broker(*toys)

    for tag, multiple, is_ack in answers:
        (broker.confirm if is_ack else broker.refuse)(tag, multiple=multiple)

        on_the_way = Counter(item.aggregate for item in broker.on_the_way())
        assert max(on_the_way.values(), default=0) <= 1
        assert broker.window.done_to == unbroken(broker.kept)
        assert len(broker.window) == len(toys) - len(broker.kept)
    while broker.window.unconfirmed:
        broker.confirm(max(broker.window.unconfirmed), multiple=True)

    assert sorted(broker.kept) == list(range(1, len(toys) + 1))
    for toy_id in set(toys):
        mine = [position for position in broker.kept if toys[position - 1] == toy_id]
        assert mine == sorted(mine)


def unbroken(kept: list[int]) -> int:
    reached = 0
    while reached + 1 in kept:
        reached += 1
    return reached
