"""The sales funnel: deals per stage, how many went on, and how long they stayed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.facts.deal import DealCreated, DealEdited, DealLost, DealStageChanged, DealTransferred, DealWon
from reporting.facts.pipeline import PipelineSet, StageTold
from services.reporting.tests.figures import bare, records

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLACES = {"qualification": 1, "proposal": 2, "won": 3, "lost": 4}


def bargain(number: int, stage: str, owner: int = 7, **other: Any) -> dict[str, Any]:
    known = {"customer_no": None, "source": "fair", "campaign_id": None, "expected_on": date(2026, 5, 31)}
    worth = {"amount_minor": 1000, "currency": "CNY", "probability": 50}
    place = {"pipeline": "standard", "stage": stage, "stage_position": PLACES[stage]}
    return {"deal_id": number, "owner_id": owner, **known, **worth, **place, **other}


def created(number: int, stage: str = "qualification", **other: Any) -> DealCreated:
    return DealCreated(**bargain(number, stage, **other), created_at=MONDAY)


def changed(number: int, stage: str, before: str, stayed: int = 60, **other: Any) -> DealStageChanged:
    left = {"from_stage": before, "from_position": PLACES[before], "left_after_seconds": stayed}
    return DealStageChanged(**bargain(number, stage, **other), **left)


def won(number: int, before: str = "proposal", at: datetime = MONDAY, **other: Any) -> DealWon:
    return DealWon(**bargain(number, "won", **other), from_stage=before, left_after_seconds=20, won_at=at)


def lost(number: int, before: str = "proposal", at: datetime = MONDAY, **other: Any) -> DealLost:
    return DealLost(**bargain(number, "lost", **other), from_stage=before, left_after_seconds=40, lost_at=at)


@pytest.fixture
def eve(stage: Stage) -> Client:
    kinds = {"won": "won", "lost": "lost"}
    told = [StageTold(code, code, code.title(), place, kinds.get(code, "open")) for code, place in PLACES.items()]
    stage.hears(PipelineSet(code="standard", stages=told[::-1]))
    return stage.client(EVE, "report:performance")


def stages(report: dict[str, Any], *names: str) -> dict[str, Any]:
    return {one["stage"]: tuple(one[name] for name in names) for one in report["items"]}


def test_every_stage_is_shown_in_its_order_with_deals_or_without(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), created(3, "proposal"))

    report = eve.get("/reports/sales-funnel")

    assert list(stages(report, "deals").items()) == [
        ("qualification", (2,)),
        ("proposal", (1,)),
        ("won", (0,)),
        ("lost", (0,)),
    ]
    assert report["total"] == 3
    assert report["items"][0]["name_en"] == "Qualification"


def test_a_deal_counts_where_it_is_and_where_it_was(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), created(3))
    stage.hears(changed(1, "proposal", "qualification"), changed(2, "proposal", "qualification", stayed=120), times=2)
    stage.hears(won(1), lost(2))

    found = stages(eve.get("/reports/sales-funnel"), "deals", "entered", "advanced", "average_stay_seconds")

    assert found["qualification"] == (1, 3, 2, 90)
    assert found["proposal"] == (0, 2, 1, 30)
    assert found["won"] == (1, 1, 0, None)


def test_the_conversion_is_the_part_that_went_on(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), changed(1, "proposal", "qualification"))

    assert stages(eve.get("/reports/sales-funnel"), "conversion")["qualification"] == (0.5,)
    assert stages(eve.get("/reports/sales-funnel"), "conversion")["won"] == (None,)


def test_going_back_is_not_going_on(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, "proposal"), changed(1, "qualification", "proposal"))

    assert stages(eve.get("/reports/sales-funnel"), "entered", "advanced")["proposal"] == (1, 0)


def test_open_deals_are_weighted_and_currencies_stay_apart(stage: Stage, eve: Client) -> None:
    stage.hears(
        created(1), created(2, currency="USD", amount_minor=999, probability=10), created(3, "proposal"), won(3)
    )

    found = stages(bare(eve.get("/reports/sales-funnel")), "amounts")

    assert found["qualification"] == (
        [{"currency": "CNY", "amount": "10.00", "weighted": "5.00"},
         {"currency": "USD", "amount": "9.99", "weighted": "0.99"}],
    )  # fmt: skip
    assert found["won"] == ([{"currency": "CNY", "amount": "10.00", "weighted": "0.00"}],)


def test_what_was_corrected_counts_as_it_is(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), DealEdited(**bargain(1, "qualification", amount_minor=2500)))

    [amount] = eve.get("/reports/sales-funnel")["items"][0]["amounts"]
    assert amount["amount"] == "25.00"


def test_a_stage_that_was_taken_away_is_shown_as_long_as_a_deal_was_in_it(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, "proposal"), changed(1, "qualification", "proposal"))
    stage.hears(PipelineSet(code="standard", stages=[StageTold("qualification", "资质", "Qualification", 1, "open")]))

    found = stages(eve.get("/reports/sales-funnel"), "entered", "kind")

    assert found == {"qualification": (1, "open"), "proposal": (1, "")}


def test_each_figure_leads_to_its_deals(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), changed(1, "proposal", "qualification"))

    first = eve.get("/reports/sales-funnel")["items"][0]

    assert [one["id"] for one in records(eve, first["drill"]["deals"])] == ["2"]
    assert [one["id"] for one in records(eve, first["drill"]["entered"])] == ["1", "2"]
    assert [one["id"] for one in records(eve, first["drill"]["advanced"])] == ["1"]
    [stay] = records(eve, first["drill"]["average_stay_seconds"])
    assert (stay["record"], stay["id"], stay["measured"]) == ("deal-step", "1/2", 60)


def test_the_funnel_as_it_was_has_the_deals_where_they_were(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), at=MONDAY)
    stage.hears(changed(1, "proposal", "qualification"), at=MONDAY + timedelta(days=1))

    then = eve.get("/reports/sales-funnel?as_of=2026-03-02T10:00:00Z")

    assert [one["stage"] for one in then["items"]] == ["qualification"]  # the pipeline was not known yet
    assert stages(eve.get("/reports/sales-funnel"), "deals")["proposal"] == (1,)


def test_same_report_three_scopes(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, owner=8), created(3, owner=9), DealTransferred(**bargain(3, "qualification", 7)))
    own = Principal(user_id=7, name="Jun", kind="user", scope="own")
    team = Principal(user_id=8, name="Sam", kind="user", scope="subtree", team=frozenset({7}))

    totals = [stage.client(who, "report:performance").get("/reports/sales-funnel")["total"] for who in (own, team, EVE)]

    assert totals == [2, 3, 3]
    stage.hears(created(4, owner=5))
    assert stage.client(team, "report:performance").get("/reports/sales-funnel")["total"] == 3


def test_the_funnel_is_narrowed_down(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, owner=8), created(3, currency="USD"), created(4, campaign_id=5))

    for asked, total in (("owner_id=8", 1), ("currency=USD", 1), ("campaign_id=5", 1), ("created_to=2026-03-01", 0)):
        assert eve.get(f"/reports/sales-funnel?{asked}")["total"] == total, asked
    assert eve.get("/reports/sales-funnel?pipeline=other")["items"] == []


def test_wrong_questions_are_refused(eve: Client) -> None:
    for asked in ("owner_id=Mei", "created_from=soon", "colour=red"):
        eve.get(f"/reports/sales-funnel?{asked}", expect=422)
    eve.get("/reports/sales-funnel/drill?figure=deals&owner_id=Mei", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:sales").get("/reports/sales-funnel", expect=403)
    stage.client(EVE, "report:sales").get("/reports/sales-funnel/drill?figure=deals", expect=403)
