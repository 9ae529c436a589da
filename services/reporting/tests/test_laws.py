"""The two laws of a fold, for every report at once: the order of arrival does not matter, nor does hearing twice.

Lives of customers, orders, opportunities, requests and losses are made up; the rows they lead to are compared.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.database import Database
from chassis.events import Envelope, Heard, open_envelope
from chassis.people import UnitCreated, UnitEdited, UnitMoved, UnitRemoved
from chassis.testing.stage import Elsewhere, Stage, an_envelope, prepare, some_settings
from reporting.batch import Batch
from reporting.catalogue import SHELF
from reporting.contribution.model import OrderCancelled, OrderMoved, OrderPlaced
from reporting.facts import customer as customers
from reporting.facts.person import UserEdited, UserRegistered
from reporting.log import LISTENS
from reporting.loss import model as losses
from reporting.past import Producers
from reporting.rebuild import rebuild
from reporting.request_load import model as requests
from reporting.sales import model as sales
from reporting.service import service
from services.reporting.tests.made_up import SELLING, SERVING, Life

BEGIN = datetime(2010, 12, 30, tzinfo=UTC)

moments = st.integers(0, 800).map(lambda days: BEGIN + timedelta(days=days))
numbers = st.integers(1, 3)
amounts = st.integers(-10_000, 10_000)
currencies = st.sampled_from(["GBP", "CNY"])
products = st.sampled_from(["Pump", "Valve"])
stars = st.integers(1, 5)


@st.composite
def a_customer_life(draw: st.DrawFn) -> Life:
    number, opened = f"K{draw(st.integers(1, 99))}", draw(moments)

    def standing() -> dict[str, Any]:
        known = {"name": draw(st.sampled_from("ABC")), "region": "North", "manager_name": "Mei", "credit": None}
        more = {"level": draw(stars), "manager_id": draw(numbers), "status": draw(numbers), "satisfaction": draw(stars)}
        return {"customer_no": number, "opened_at": opened, **known, **more}

    changes = [customers.CustomerEdited, customers.CustomerMatched, customers.CustomerDeleted]
    hands = [customers.CustomerReleased, customers.CustomerClaimed, customers.CustomerTransferred]
    files = [customers.CustomerRestored, customers.CustomerMerged, customers.CustomerAbsorbed]
    later = [*changes, *hands, *files, customers.CustomerLost, customers.CustomerRecovered]
    following = draw(st.lists(st.sampled_from(later), max_size=4))
    return [kind(**standing()) for kind in (customers.CustomerOpened, *following)]


@st.composite
def an_order_life(draw: st.DrawFn) -> Life:
    number, amount = str(draw(st.integers(1, 10_000))), draw(amounts)
    placed = OrderPlaced(
        order_no=number,
        customer_no=f"K{draw(numbers)}",
        ordered_at=draw(moments),
        kind="credit_note" if amount < 0 else "order",
        amount_minor=amount,
        currency=draw(currencies),
    )
    moved = OrderMoved(order_no=number, customer_no=f"K{draw(numbers)}")
    following = draw(st.lists(st.sampled_from([moved, OrderCancelled(order_no=number)]), max_size=3))
    return [placed, *following]


@st.composite
def an_opportunity_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 10_000))

    def described() -> dict[str, Any]:
        return {"product": draw(products), "amount_minor": abs(draw(amounts)), "currency": draw(currencies)}

    created = sales.OpportunityCreated(opportunity_id=number, owner_id=draw(numbers), **described())
    edited = sales.OpportunityEdited(opportunity_id=number, **described())
    assigned = [sales.OpportunityAssigned(opportunity_id=number, assignee_id=draw(numbers)) for _ in range(2)]
    won = sales.OpportunityWon(opportunity_id=number, **described())
    failed = sales.OpportunityFailed(opportunity_id=number)
    lives: list[Life] = [
        [created, edited, sales.OpportunityDeleted(opportunity_id=number)],
        [created, *assigned, won],
        [created, edited, assigned[0], failed],
    ]
    life = draw(st.sampled_from(lives))
    return life[: draw(st.integers(1, len(life)))]


@st.composite
def a_request_life(draw: st.DrawFn) -> Life:
    number, began = draw(st.integers(1, 10_000)), draw(moments)
    kind = draw(st.sampled_from(["complaint", "suggestion"]))
    by = {"request_id": number}
    created = requests.RequestCreated(**by, kind=kind, customer_no="K1", creator_id=draw(numbers), created_at=began,
                                      due_at=draw(st.none() | st.just(began + timedelta(hours=2))))  # fmt: skip
    if draw(st.booleans()):
        return [created, requests.RequestDeleted(**by)]
    moved = [requests.RequestMoved(**by, customer_no="K2")] * draw(st.integers(0, 1))
    rounds = draw(st.integers(0, 2))
    handled = [
        requests.RequestHandled(
            **by, created_at=began, handled_at=began + timedelta(hours=hours + 1), handler_id=draw(numbers)
        )
        for hours in range(rounds + 1)
    ]
    again = [requests.RequestReopened(**by, satisfaction=draw(st.integers(1, 2))) for _ in range(rounds)]
    worked = [event for pair in itertools.zip_longest(handled, again) for event in pair if event]
    archived = requests.RequestArchived(**by, satisfaction=draw(st.integers(3, 5)))
    given = [requests.RequestHandedOver(**by, assignee_id=draw(numbers))] * draw(st.integers(0, 1))
    allocated = requests.RequestAllocated(**by, assignee_id=draw(numbers), allocated_at=began + timedelta(minutes=7))
    life: Life = [created, allocated, *moved, *given, *worked, archived]
    return life[: draw(st.integers(1, len(life)))]


@st.composite
def a_loss_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 10_000))
    who = {"customer_no": f"K{draw(numbers)}", "customer_name": "Acme", "manager_id": draw(numbers)}
    alerted = losses.LossAlerted(
        loss_id=number, **who, manager_name="Mei", last_order_at=None, alerted_at=draw(moments)
    )
    delayed = [losses.LossDelayed(loss_id=number)] * draw(st.integers(0, 2))
    moved = losses.LossMoved(loss_id=number, customer_no=f"K{draw(numbers)}", customer_name="Bolt")
    handed = losses.LossHandedOver(loss_id=number, manager_id=draw(numbers), manager_name="Bo")
    between = draw(st.lists(st.sampled_from([moved, handed]), max_size=2))
    confirmed = losses.LossConfirmed(loss_id=number, reason="Gone", lost_at=draw(moments))
    life: Life = [
        alerted,
        *delayed,
        *between,
        confirmed,
        draw(st.sampled_from([losses.LossRecovered, losses.LossWonBack]))(loss_id=number, recovered_at=draw(moments)),
    ]
    return life[: draw(st.integers(1, len(life)))]


@st.composite
def a_person_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 99))
    edited = [UserEdited(user_id=number, full_name=name) for name in draw(st.lists(st.sampled_from("AB"), max_size=2))]
    return [UserRegistered(user_id=number, full_name="Mei"), *edited]


@st.composite
def a_unit_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 99))

    def standing() -> dict[str, Any]:
        known = {"code": None, "kind": "department", "parent_id": draw(numbers), "head_id": draw(numbers)}
        return {"unit_id": number, "name": draw(st.sampled_from("ABC")), **known}

    following = draw(st.lists(st.sampled_from([UnitEdited, UnitMoved]), max_size=3))
    life: Life = [kind(**standing()) for kind in (UnitCreated, *following)]
    return [*life, UnitRemoved(unit_id=number)] if draw(st.booleans()) else life


def identity(life: Life) -> tuple[str, str]:
    return life[0].aggregate_type, str(getattr(life[0], life[0].key_field))


KINDS = [
    a_customer_life(),
    an_order_life(),
    an_opportunity_life(),
    a_request_life(),
    a_loss_life(),
    a_person_life(),
    a_unit_life(),
    *SELLING,
    *SERVING,
]
worlds = st.lists(st.one_of(KINDS), min_size=1, max_size=12, unique_by=identity)


def said(life: Life) -> list[Envelope]:
    """The life as its source says it: one version after the other, a day apart."""
    source = life[0].event_type.split(".")[1]
    return [
        open_envelope(an_envelope(event, source=source, version=version, at=BEGIN + timedelta(days=version)))
        for version, event in enumerate(life, 1)
    ]


def interleaved(world: Sequence[Life], order: Sequence[int]) -> list[Envelope]:
    """All lives together; ``order`` names whose turn it is, and each life keeps its own order."""
    turns = [iter(said(life)) for life in world]
    return [next(turns[whose]) for whose in order]


def turns_of(world: Sequence[Life]) -> list[int]:
    return [whose for whose, life in enumerate(world) for _ in life]


def outcome(events: Sequence[Envelope]) -> dict[str, Any]:
    """What folding leads to, without any database: rows by key, and the sums beside them."""
    batch = Batch(SHELF.by_type)
    for event in events:
        batch.take(event)
    rows = {one.table.name: dict(sorted(found.items())) for one, found in batch.changed.items()}
    sums = {f"{one.table.name} sums": dict(sorted(found.items())) for one, found in batch.differences.items()}
    return dict(sorted((rows | sums).items()))


@given(st.data())
def test_any_order_that_keeps_each_life_in_order_leads_to_the_same_rows(data: st.DataObject) -> None:
    world = data.draw(worlds)
    order = data.draw(st.permutations(turns_of(world)))

    assert outcome(interleaved(world, order)) == outcome(interleaved(world, turns_of(world)))


@given(st.data())
def test_hearing_again_what_was_heard_changes_nothing(data: st.DataObject) -> None:
    world = data.draw(worlds)
    once = interleaved(world, turns_of(world))
    repeats = data.draw(st.lists(st.tuples(st.integers(0, len(once) - 1), st.integers(0, len(once) - 1)), max_size=8))

    again = list(once)
    for which, behind in sorted(repeats, key=max, reverse=True):  # from behind, so that places stay what they are
        again.insert(max(which, behind) + 1, once[which])

    assert outcome(again) == outcome(once)


@contextmanager
def a_stage() -> Iterator[Stage]:
    """A stage for one example: hypothesis plays many in one test."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/reporting.db"
        database = Database(url)
        prepare(service, database, some_settings("reporting", url))
        yield Stage(service, database, some_settings("reporting", url))
        database.close()


def live(stage: Stage) -> dict[str, str]:
    with stage.database.writing() as session:
        return SHELF.digests(session)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_however_it_arrives_the_tables_end_up_the_same_and_a_rebuild_agrees(data: st.DataObject) -> None:
    world = data.draw(worlds)
    with a_stage() as neat, a_stage() as wild:
        for life in world:
            at = [BEGIN + timedelta(days=version) for version in range(1, len(life) + 1)]
            wires = [neat.says(event, at=moment) for event, moment in zip(life, at, strict=True)]
            neat.takes(*wires)
            for event, moment in zip(life, at, strict=True):
                wild.says(event, at=moment)
        everything = [wire for source in wild.elsewhere.values() for wire in source.said]
        shuffled = data.draw(st.permutations(everything + data.draw(st.lists(st.sampled_from(everything), max_size=5))))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
        for begin, end in itertools.pairwise([0, *cuts, len(shuffled)]):
            wild.takes(*shuffled[begin:end])

        assert live(wild) == live(neat)
        assert rebuild(wild.database).is_equal
        assert rebuild(wild.database, past=everybody(wild)).is_equal


def everybody(stage: Stage, *, mends: bool = False) -> Producers:
    """The logs of all who say anything, also of those who said nothing in this example."""
    assert stage.consumer
    for source in LISTENS:
        stage.elsewhere.setdefault(source, Elsewhere(source))
    return Producers(stage.consumer, mends=mends)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_what_sources_have_lost_is_gone_from_the_reports_after_a_rebuild(data: st.DataObject) -> None:
    world = data.draw(worlds)
    with a_stage() as bereft, a_stage() as fresh:
        for life in world:
            bereft.hears(*life, at=BEGIN)
        for there in bereft.elsewhere.values():
            there.comes_back(lost=data.draw(st.integers(0, len(there.said))))
        kept = [wire for source in bereft.elsewhere.values() for wire in source.said]
        fresh.elsewhere.update(bereft.elsewhere)
        if kept:
            fresh.takes(*data.draw(st.permutations(kept)))
            bereft.takes(*data.draw(st.permutations(kept)))

        rebuild(bereft.database, verify_only=False, past=everybody(bereft, mends=True))

        assert live(bereft) == live(fresh)
        assert rebuild(bereft.database).is_equal


def test_the_lives_tell_every_event_that_a_report_hears() -> None:
    told: set[type[Heard]] = set()

    @settings(max_examples=900, derandomize=True, database=None)
    @given(st.tuples(*KINDS))
    def listen(lives: tuple[Life, ...]) -> None:
        told.update(type(event) for life in lives for event in life)

    listen()

    assert {heard for projection in SHELF.projections for heard in projection.heard} - told == set()
