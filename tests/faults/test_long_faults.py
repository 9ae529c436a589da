"""What only shows after a while: stops without end, and a backlog that no page holds."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chassis.transaction import transaction
from tests import toy
from tests.faults.shop import Shop

pytestmark = [pytest.mark.chaos, pytest.mark.infra, pytest.mark.timeout(600)]

STOP_EVERY_SECONDS, FOR_SECONDS = 2.0, 60.0
LONGEST_STOP_SECONDS = 20.0


@pytest.mark.fault(47)
def test_stops_every_two_seconds_for_a_minute(shop: Shop) -> None:
    """Asked, not killed: each ends by itself in time, nothing is lost, and nothing even comes twice."""
    workers = {"shelf": shop.shelf(reconcile="never").until_ready(), "workshop": shop.workshop().until_ready()}
    began, took = time.monotonic(), list[float]()
    with shop.busy():
        for name in itertools.cycle(workers):
            time.sleep(STOP_EVERY_SECONDS)  # the fault itself: so often somebody is told to stop
            took.append(workers[name].until_ready().stop())
            assert workers[name].exit_code == 0
            workers[name] = shop.shelf(reconcile="never") if name == "shelf" else shop.workshop()
            if time.monotonic() - began > FOR_SECONDS:
                break

    shop.must_agree(nothing_was_lost=True)
    assert max(took) < LONGEST_STOP_SECONDS
    assert shop.figures([])["repeated"] == 0


BACKLOG, BATCH = 100_000, 1000


@pytest.mark.fault(41)
def test_a_hundred_thousand_events_wait_for_a_slow_listener(shop: Shop) -> None:
    """Writing is as quick as before, and a listener that is no longer slow is there in minutes."""
    shop.patience_seconds = 400
    shop.workshop().until_ready()
    slow = shop.shelf(slow="0.02", reconcile="never").until_ready()
    before = writing_takes(shop)
    for _ in range(BACKLOG // BATCH):
        say_many(shop, BATCH)
    shop.until_published()
    with slow_listener_is_behind(shop):
        during = writing_takes(shop)
    slow.stop()
    shop.shelf(reconcile="never")

    began = time.monotonic()
    shop.until(lambda: shop.heard() == shop.said(), "the backlog to be heard")
    shop.tell("drained", {"events": BACKLOG, "seconds": round(time.monotonic() - began, 1)})
    shop.must_agree(nothing_was_lost=True)
    assert during < 5 * before


def say_many(shop: Shop, number: int) -> None:
    """In one transaction, so that it is quick."""
    with transaction(shop.said_in, "workshop") as tx:
        made = tx.add_all([toy.Toy(name="bear", rank=None, colour="", is_sold=False) for _ in range(number)])
        tx.publish_all([(one.made(), None) for one in made])


def writing_takes(shop: Shop) -> float:
    """Seconds for one change, as somebody who waits for the answer sees it."""

    def one() -> float:
        began = time.monotonic()
        shop.make()
        return time.monotonic() - began

    return statistics.median(one() for _ in range(40))


@contextmanager
def slow_listener_is_behind(shop: Shop) -> Iterator[None]:
    assert shop.heard() < shop.said() - BACKLOG / 2
    yield
    assert shop.heard() < shop.said() - BACKLOG / 2
