"""The broker itself dies: every event arrives once all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from tests.faults.shop import Shop
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.infra, pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def shop(new_postgres: Callable[[], Database], own_broker: Broker, tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(new_postgres, own_broker.create_vhost(fresh_name("own")), tmp_path)
    yield opened
    opened.close()


def test_a_broker_killed_while_events_are_on_their_way(shop: Shop, own_broker: Broker) -> None:
    """Fault 1: writing goes on without it, and when it is back everything arrives."""
    shop.shelf().until_ready()
    shop.workshop().until_ready()
    with shop.busy():
        shop.until_heard(40)
        own_broker.kill()
        assert shop.published_to > 0
        shop.make(toys=3, colours=2)
        own_broker.restart()
        shop.until_heard(shop.heard() + 20)

    shop.must_agree()
