"""Embedded mode: SQLite files, one process, no broker. It keeps the same promises."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from prometheus_client import REGISTRY

from chassis.database import SQLITE_PRAGMAS, Database
from chassis.log import DatabaseLog
from chassis.pull import Puller
from chassis.tables import event_log
from chassis.testing.stage import Stage, some_settings
from guanxi.home import Home, InUse
from tests import toy
from tests.conformance.bus import Bus, until
from tests.faults import powercut, wrong
from tests.faults.checker import Checker
from tests.faults.shop import Shop

pytestmark = pytest.mark.fast


@pytest.mark.fault(15, 16, 51)
@pytest.mark.parametrize("place", ["consumer.after_commit", "consumer.before_commit"])
def test_a_listener_killed_around_its_commit(embedded_shop: Shop, place: str) -> None:
    """And nobody rings a bell for the other: they are not in one process here."""
    shop = embedded_shop
    victim = shop.shelf(failpoint=f"{place}:kill:2").until_ready()
    with shop.busy():
        victim.until_dead()

    shop.shelf()

    shop.must_agree()


@pytest.mark.fault(53)
def test_a_writer_killed_before_its_commit_keeps_neither_row_nor_event(embedded_shop: Shop) -> None:
    shop = embedded_shop
    writer = shop.writer(failpoint="transaction.before_commit:kill:20")
    writer.until_dead()

    shop.shelf()

    shop.must_agree()
    assert shop.said() == len(writer.tally) == 19


@pytest.mark.fault(26)
def test_two_who_write_wait_for_each_other(embedded_shop: Shop) -> None:
    """Each reads, then writes: whoever took the write lock too late would be refused."""
    shop = embedded_shop
    shop.shelf()
    writers = [shop.writer(), shop.writer()]
    for writer in writers:
        shop.until(lambda writer=writer: len(writer.tally) >= 30 or not writer.is_alive, "each to have written")
    for writer in writers:
        assert writer.is_alive, writer.log
        writer.kill()

    shop.must_agree()


# A full disk


@pytest.mark.fault(25)
def test_a_full_disk_refuses_a_request_as_a_whole(new_sqlite: Callable[[], Database]) -> None:
    database, disk = new_sqlite(), {"is full": True}
    workshop = Stage(toy.workshop, database, some_settings("workshop", str(database.url)))
    wrong.fill_disk(database, lambda: disk["is full"])
    client = workshop.client().client
    answers = [client.post("/toys", json={"name": "bear" * 20}).status_code for _ in range(100)]
    assert set(answers) == {201, 503}
    assert answers[-1] == 503

    disk["is full"] = False
    assert client.post("/toys", json={"name": "duck"}).status_code == 201

    assert len(toy.rows(database, toy.Toy.__table__)) == answers.count(201) + 1  # type: ignore[arg-type]
    assert len(toy.rows(database, event_log)) == answers.count(201) + 1


@pytest.mark.fault(25)
def test_a_listener_on_a_full_disk_waits_for_room(embedded_shop: Shop, tmp_path: Path) -> None:
    """No event is put aside for it."""
    shop, full = embedded_shop, tmp_path / "full"
    full.touch()
    shelf = shop.shelf(disk_is_full_while=str(full)).until_ready()
    shop.make(toys=20, colours=9)
    shop.until(lambda: "Cannot pull from workshop" in shelf.log, "the disk to be full")
    assert shop.heard() < shop.said()

    full.unlink()

    shop.must_agree()


# Clocks


@pytest.fixture
def bus(new_sqlite: Callable[[], Database]) -> Iterator[Bus]:
    with ExitStack() as closing:
        yield Bus(new_sqlite, "", closing)


@pytest.mark.fault(40)
def test_a_clock_that_jumps(bus: Bus) -> None:
    """An hour forward, two back, one forward: ids and times of events stand on their heads, positions do not."""
    shelf = bus.listener()
    with time_machine.travel(time.time(), tick=True) as clock:
        shelf.start()
        for hours in (1, -2, 1):
            clock.shift(timedelta(hours=hours))
            bus.make("red", "blue")
            until(lambda: len(shelf.notes) == len(toy.rows(bus.said_in, event_log)), "all to be heard")
            lags = [REGISTRY.get_sample_value(lag, {"consumer": "shelf.events", "source": "workshop"}) for lag in LAGS]
            assert min(lag or 0 for lag in lags) >= 0

    assert Checker(bus.said_in, shelf.database).violations() == []


LAGS = ("bus_consumer_lag_seconds", "bus_consumer_lag_events")


@pytest.mark.fault(40)
def test_what_is_put_aside_waits_no_longer_than_a_clock_that_was_set_back(bus: Bus) -> None:
    """It was parked by a clock that was an hour ahead: late is better than lost."""
    shelf = bus.listener()
    toy.jam_printer(shelf.database, "red")
    with time_machine.travel(time.time(), tick=True) as clock:
        clock.shift(timedelta(hours=1))
        shelf.start()
        bus.make("red")
        until(lambda: shelf.parked, "it to be parked")
        toy.mend_printer(shelf.database)
        clock.shift(timedelta(hours=-1))
        bus.make("blue")
        until(lambda: len(shelf.notes) == 3, "the others to be heard")

        clock.shift(timedelta(hours=1, minutes=1))
        until(lambda: not shelf.parked, "it to be tried again")

    assert Checker(bus.said_in, shelf.database).violations() == []


# A power cut


@pytest.mark.fault(53)
def test_a_power_cut_keeps_what_was_answered_and_nothing_by_halves(embedded_shop: Shop, tmp_path: Path) -> None:
    cut_power_often(embedded_shop, tmp_path, times=3, chance=random.Random())


@pytest.mark.fault(53)
@pytest.mark.chaos
def test_fifty_power_cuts(embedded_shop: Shop, tmp_path: Path) -> None:
    cut_power_often(embedded_shop, tmp_path, times=50, chance=random.Random())


def cut_power_often(shop: Shop, folder: Path, *, times: int, chance: random.Random) -> None:
    """While toys are made and labels printed. Checkpoints are frequent, so that some are cut in two."""
    seed = chance.getrandbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    often = {"chassis.database:SQLITE_PRAGMAS": (*SQLITE_PRAGMAS, "wal_autocheckpoint=40")}
    files = [Path(str(database.url.database)) for database in (shop.said_in, shop.heard_in)]
    as_services_do = Database(str(shop.said_in.url))
    with as_services_do.engine.connect() as connection:
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    as_services_do.close()
    shelf, writer = shop.shelf(constants=often).until_ready(), shop.writer(constants=often)
    for number in range(1, times + 1):
        shop.until_heard(shop.heard() + chance.randint(5, 40))
        writer.pause()
        shelf.pause()
        place = folder / f"cut {number}"
        place.mkdir()
        said, heard = (powercut.cut_power(file, place, synchronous=synchronous, chance=chance) for file in files)
        answered = [tuple(map(int, line.split())) for line in writer.tally]
        shelf.resume()
        writer.resume()
        must_be_sound(said, heard, answered)
        shutil.rmtree(place)
    shop.tell("figures", {"events": shop.said(), "troubles": times, "doubled": 0, "missing": 0, "violations": 0})


def must_be_sound(said: Path, heard: Path, answered: list[tuple[int, ...]]) -> None:
    """The files open, nothing that was answered is lost, and who listens goes on from there."""
    assert powercut.is_whole(said)
    assert powercut.is_whole(heard)
    databases = said_in, heard_in = Database(f"sqlite:///{said}"), Database(f"sqlite:///{heard}")
    kept = {(int(row["aggregate_id"]), row["aggregate_version"]) for row in toy.rows(said_in, event_log)}
    assert set(answered) <= kept, f"was answered and is lost: {set(answered) - kept}"
    consumer = toy.shelf.consumer(heard_in, {"workshop": DatabaseLog(said_in)})
    assert consumer
    puller = Puller(consumer)
    while puller.pull("workshop"):
        pass
    assert Checker(said_in, heard_in).violations() == []
    for database in databases:
        database.close()


# Two processes on one data folder

HOLD = "import sys, time, pathlib; from guanxi.home import Home; Home(pathlib.Path(sys.argv[1]), demo=True).lock(); "
HOLD += "print('held', flush=True); time.sleep(600)"


@pytest.mark.fault(54)
def test_the_second_process_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as first:
        try:
            assert first.stdout
            assert first.stdout.readline() == b"held\n"
            second = Home(tmp_path, demo=True)
            with pytest.raises(InUse):
                second.lock()
        finally:
            first.send_signal(signal.SIGKILL)

    second.lock()
