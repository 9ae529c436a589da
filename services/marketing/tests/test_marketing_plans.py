"""Marketing plans over HTTP: submitted, reviewed by one or two others, carried out with check-ins, and judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from marketing.marketing_plan.commands import move_marketing_plans
from services.marketing.tests.conftest import BO, MEI, SUE
from services.marketing.tests.erasing import erase, everything

TODAY = datetime.now(UTC).date()
PLAN = {"title": "Tea at the lake", "kind": "visit", "sub_kind": "routine", "goal": "Three new orders",
        "starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=3)).isoformat()}  # fmt: skip
HERE = {"kind": "arrival", "latitude": "31.230416", "longitude": "121.473701", "region": "Shanghai"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30
RIGHTS = tuple(f"marketing-plan:{right}" for right in ("read", "write", "execute", "feedback"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def stage(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """Marketing on one database, then on the other."""
    found: Stage = request.getfixturevalue("pg_stage") if request.param == "postgresql" else stage
    return found


@pytest.fixture
def office(furnished: Stage) -> Stage:
    """The dictionary has what a plan may be, and above which cost two people look at it."""
    furnished.hears(
        ItemAdded(item_id=12, kind="promotion plan kind", value="holiday"),
        ItemAdded(item_id=13, kind="plan cost limit", value="100.00"),
    )
    furnished.said()
    return furnished


@pytest.fixture
def owner(office: Stage) -> Client:
    return office.client(MEI, *RIGHTS)


@pytest.fixture
def boss(office: Stage) -> Client:
    return office.client(SUE)


@pytest.fixture
def other_boss(office: Stage) -> Client:
    return office.client(Principal(user_id=9, name="Bo", role="supervisor", kind="user", scope="all"))


def submitted(owner: Client, **said: Any) -> str:
    path = f"/marketing-plans/{owner.post('/marketing-plans', **{**PLAN, **said})['id']}"
    owner.post(path + "/submission", expect=200)
    return path


def approved(owner: Client, boss: Client, **said: Any) -> str:
    path = submitted(owner, **said)
    boss.post(path + "/approval", expect=200)
    return path


def facts(stage: Stage) -> list[str]:
    return [kind.rpartition(".")[2] for kind, _ in stage.said() if ".marketing-plan." in kind]


def jump(stage: Stage, days: int) -> None:
    with stage.doing(at=datetime.now(UTC) + timedelta(days=days)) as tx:
        move_marketing_plans(tx)


def test_a_plan_goes_from_draft_to_its_evaluation(office: Stage, owner: Client, boss: Client) -> None:
    path = approved(owner, boss)
    owner.post(path + "/check-ins", expect=200, **HERE)
    finished = owner.post(path + "/finish", expect=200)
    feedback = {"result": "Two orders", "achievement": 67}
    owner.call("PUT", path + "/feedback", feedback, expect=200, headers={"If-Match": f'"{finished["version"]}"'})

    judged = owner.post(path + "/feedback/submission", expect=200)

    assert (judged["status"], judged["result"], judged["achievement"]) == ("evaluated", "Two orders", 67)
    assert facts(office) == [
        "created", "submitted", "approved", "started", "checked-in", "finished", "feedback-saved", "feedback-submitted",
    ]  # fmt: skip
    assert [one["action"] for one in judged["actions"] if one["allowed"]] == []


def test_plans_are_numbered_by_day(owner: Client) -> None:
    numbers = [owner.post("/marketing-plans", **PLAN)["plan_no"] for _ in range(2)]

    assert numbers == [f"YX{TODAY:%Y%m%d}0001", f"YX{TODAY:%Y%m%d}0002"]
    assert owner.get(f"/marketing-plans?plan_no={numbers[1]}")["total"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "siege"}, "/kind"),
        ({"sub_kind": "holiday"}, "/sub_kind"),
        ({"kind": "promotion"}, "/sub_kind"),
        ({"ends_on": "2020-01-01"}, "/ends_on"),
        ({"goal": " "}, "/goal"),
        ({"cost": "-1.00"}, "/cost"),
    ],
)
def test_wrong_fields_are_named(owner: Client, change: dict[str, Any], pointer: str) -> None:
    problem = owner.post("/marketing-plans", expect=422, **{**PLAN, **change})

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_another_kind_asks_for_another_sub_kind(owner: Client) -> None:
    path = f"/marketing-plans/{owner.post('/marketing-plans', **PLAN)['id']}"
    wrong = owner.patch(path, version=1, expect=422, kind="promotion")
    assert [error["pointer"] for error in wrong["errors"]] == ["/sub_kind"]

    edited = owner.patch(path, version=1, kind="promotion", sub_kind="holiday", cost="5.00")

    assert (edited["kind"], edited["sub_kind"], edited["cost"]) == ("promotion", "holiday", "5.00")
    owner.patch(path, version=1, expect=412, title="Too late")


def test_the_reviewer_finds_what_waits_and_says_why_it_goes_back(office: Stage, owner: Client, boss: Client) -> None:
    path = submitted(owner)
    owner.post("/marketing-plans", **PLAN)

    [waiting] = boss.get("/marketing-plans?status=unreviewed")["items"]
    returned = boss.post(f"/marketing-plans/{waiting['id']}/rejection", expect=200, note="Say whom you visit")

    assert (path.rpartition("/")[2], returned["status"], returned["note"]) == (
        str(waiting["id"]), "draft", "Say whom you visit",
    )  # fmt: skip
    assert facts(office)[-1] == "rejected"
    assert owner.post(path + "/submission", expect=200)["status"] == "unreviewed"


def test_nobody_reviews_a_plan_of_his_own(boss: Client) -> None:
    path = submitted(boss)

    for step, said in (("approval", {}), ("rejection", {"note": "No"})):
        assert boss.post(f"{path}/{step}", expect=403, **said)["type"] == "/problems/own-marketing-plan"


def test_without_the_right_nobody_plans_reviews_or_judges(office: Stage, owner: Client, boss: Client) -> None:
    reader = office.client(Principal(user_id=9, name="Bo", kind="user", scope="all"), "marketing-plan:read")
    path = approved(owner, boss)

    for step in ("submission", "approval", "check-ins", "finish", "feedback/submission", "cancellation"):
        assert reader.post(f"{path}/{step}", expect=403)["type"] == "/problems/forbidden"
    assert reader.post("/marketing-plans", expect=403, **PLAN)["needs"] == "marketing-plan:write"
    reader.call("PUT", path + "/feedback", {"result": "x", "achievement": 1}, expect=403, headers={"If-Match": '"3"'})


def test_a_dear_plan_needs_two_reviewers(office: Stage, owner: Client, boss: Client, other_boss: Client) -> None:
    path = submitted(owner, cost="100.01")

    assert boss.post(path + "/approval", expect=200, note="Fine")["status"] == "endorsed"
    again = boss.post(path + "/approval", expect=403)
    agreed = other_boss.post(path + "/approval", expect=200)

    assert again["type"] == "/problems/second-reviewer-needed"
    assert (agreed["status"], agreed["first_reviewer_name"], agreed["reviewer_name"]) == ("approved", "Sue", "Bo")
    assert facts(office) == ["created", "submitted", "endorsed", "approved"]


def test_at_the_limit_one_reviewer_is_enough(owner: Client, boss: Client) -> None:
    path = submitted(owner, cost="100.00")

    assert boss.post(path + "/approval", expect=200)["status"] == "approved"


def test_after_a_rejection_the_review_begins_anew(owner: Client, boss: Client, other_boss: Client) -> None:
    path = submitted(owner, cost="200.00")
    boss.post(path + "/approval", expect=200)
    other_boss.post(path + "/rejection", expect=200, note="Cheaper")
    owner.post(path + "/submission", expect=200)

    assert boss.post(path + "/approval", expect=200)["status"] == "endorsed"


def test_only_an_approved_plan_is_carried_out(owner: Client, boss: Client) -> None:
    path = submitted(owner)
    assert owner.post(path + "/check-ins", expect=409, **HERE)["type"] == "/problems/not-in-this-state"
    boss.post(path + "/approval", expect=200)

    assert boss.post(path + "/check-ins", expect=403, **HERE)["type"] == "/problems/not-the-marketing-plans-owner"
    assert owner.post(path + "/check-ins", expect=200, **HERE)["status"] == "running"


def test_the_manager_sees_who_was_where_with_which_photo(owner: Client, boss: Client) -> None:
    path = approved(owner, boss)
    photo = owner.upload(path + "/attachments", "shop.png", PNG)["id"]
    owner.post(path + "/check-ins", expect=200, **HERE, photo_id=photo, note="Closed on Mondays")

    [seen] = boss.get("/marketing-plans/check-ins?region=shang")["items"]

    assert (seen["by_name"], seen["latitude"], seen["longitude"], seen["photo_id"], seen["is_late"]) == (
        "Mei", "31.230416", "121.473701", photo, False,
    )  # fmt: skip
    assert boss.get(path + "/check-ins")["total"] == 1
    assert owner.get(path)["check_ins"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"latitude": "90.1"}, "/latitude"),
        ({"longitude": "-180.5"}, "/longitude"),
        ({"latitude": "north"}, "/latitude"),
        ({"longitude": 121.4}, "/longitude"),
        ({"kind": "lunch"}, "/kind"),
        ({"photo_id": 99}, "/photo_id"),
        ({"at": "2199-01-01T00:00:00Z"}, "/at"),
    ],
)
def test_a_check_in_says_what_is_wrong_with_it(
    owner: Client, boss: Client, change: dict[str, Any], pointer: str
) -> None:
    path = approved(owner, boss)

    problem = owner.post(path + "/check-ins", expect=422, **{**HERE, **change})

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_only_photos_are_attached(owner: Client) -> None:
    path = f"/marketing-plans/{owner.post('/marketing-plans', **PLAN)['id']}"

    owner.upload(path + "/attachments", "plan.txt", b"Just words", expect=422)


def test_a_check_in_after_the_first_day_is_late(owner: Client, boss: Client) -> None:
    path = approved(owner, boss, starts_on="2026-01-05", ends_on="2026-01-09")
    for day in ("06", "09", "10"):
        owner.post(path + "/check-ins", expect=200, **HERE, at=f"2026-01-{day}T08:00:00Z")

    seen = owner.get(path + "/check-ins?sort=at")["items"]

    assert [one["is_late"] for one in seen] == [True, False, True]
    assert owner.get("/marketing-plans/check-ins?is_late=true")["total"] == 2


def test_the_calendar_begins_plans_tells_of_late_ones_once_and_ends_them(
    office: Stage, owner: Client, boss: Client
) -> None:
    path = approved(owner, boss)
    office.said()

    jump(office, days=0)
    assert (owner.get(path)["status"], facts(office)) == ("running", ["started"])
    for _ in range(2):
        jump(office, days=1)
    [(kind, said)] = office.said()
    assert (kind.rpartition(".")[2], said["owner_id"], said["escalated_to_id"]) == ("late", 7, 8)
    assert boss.get("/marketing-plans?late=true")["total"] == 1
    jump(office, days=3)
    assert owner.get(path)["status"] == "running"

    jump(office, days=4)

    assert (owner.get(path)["status"], facts(office)) == ("finished", ["finished"])


def test_whoever_has_checked_in_is_not_late(office: Stage, owner: Client, boss: Client) -> None:
    path = approved(owner, boss)
    owner.post(path + "/check-ins", expect=200, **HERE)

    jump(office, days=1)

    assert owner.get(path)["late_at"] is None


def test_feedback_is_a_draft_until_it_is_submitted(owner: Client, boss: Client) -> None:
    path = approved(owner, boss)
    owner.post(path + "/check-ins", expect=200, **HERE)
    version = owner.post(path + "/finish", expect=200)["version"]
    assert owner.post(path + "/feedback/submission", expect=409)["type"] == "/problems/feedback-missing"

    for reached in (50, 60):
        said = {"result": "One order", "achievement": reached}
        kept = owner.call("PUT", path + "/feedback", said, expect=200, headers={"If-Match": f'"{version}"'})
        version = kept["version"]
    refused = boss.call("PUT", path + "/feedback", said, expect=403, headers={"If-Match": f'"{version}"'})
    submitted_at = owner.post(path + "/feedback/submission", expect=200)

    late = owner.call("PUT", path + "/feedback", said, expect=409, headers={"If-Match": f'"{submitted_at["version"]}"'})
    assert (kept["achievement"], refused["type"]) == (60, "/problems/not-the-marketing-plans-owner")
    assert late["type"] == "/problems/not-in-this-state"


def test_a_plan_is_cancelled_before_it_begins_with_a_reason(office: Stage, owner: Client, boss: Client) -> None:
    path = approved(owner, boss)
    office.said()

    assert owner.post(path + "/cancellation", expect=200, reason="Flood")["note"] == "Flood"

    assert facts(office) == ["cancelled"]
    assert owner.post(path + "/check-ins", expect=409, **HERE)["type"] == "/problems/not-in-this-state"


def test_a_draft_is_thrown_away_and_nothing_else(office: Stage, owner: Client) -> None:
    draft = owner.post("/marketing-plans", **PLAN)
    path = submitted(owner)

    owner.delete(f"/marketing-plans/{draft['id']}", version=1)

    owner.get(f"/marketing-plans/{draft['id']}", expect=404)
    assert owner.call("DELETE", path, expect=409, headers={"If-Match": '"2"'})["type"] == "/problems/not-in-this-state"


def test_plans_of_others_are_not_there(office: Stage, owner: Client, boss: Client) -> None:
    path = approved(owner, boss, cost="40.00")
    owner.post(path + "/check-ins", expect=200, **HERE)
    bo = office.client(BO, *RIGHTS)

    bo.get(path, expect=404)
    bo.post(path + "/finish", expect=404)
    assert [bo.get(f"/marketing-plans{rest}")["items"] for rest in ("", "/check-ins", "/summary")] == [[], [], []]


def test_the_summary_counts_by_kind_and_state(owner: Client, boss: Client) -> None:
    path = approved(owner, boss, cost="40.00")
    owner.post(path + "/check-ins", expect=200, **HERE)
    owner.post("/marketing-plans", **{**PLAN, "kind": "promotion", "sub_kind": "holiday"}, cost="2.00")
    owner.post("/marketing-plans", **{**PLAN, "kind": "promotion", "sub_kind": "holiday"}, cost="3.50")

    drafts, running = boss.get("/marketing-plans/summary")["items"]

    assert (drafts["kind"], drafts["status"], drafts["plans"], drafts["cost"]) == ("promotion", "draft", 2, "5.50")
    assert (running["plans"], running["check_ins"], running["achievement"]) == (1, 1, None)
    assert boss.get("/marketing-plans/summary?owner_id=9")["items"] == []
    boss.get("/marketing-plans/summary?owner_id=mei", expect=422)


def test_who_carried_a_plan_out_is_forgotten_with_every_place(office: Stage, owner: Client, boss: Client) -> None:
    path = approved(owner, boss, goal="Ask for Wang Secret")
    owner.post(path + "/check-ins", expect=200, **{**HERE, "region": "Lakeside"}, headers={"Idempotency-Key": "k"})

    erase(office, "user/7", "marketing-plan/1", texts=True)

    left = everything(office)
    assert [word for word in ("Secret", "Lakeside", "31.230416", "Tea at the lake") if word in left] == []
    shown = boss.get(path)
    assert (shown["goal"], shown["owner_name"], shown["check_ins"]) == ("", "", 1)
