"""Erasures: asked for by an administrator, traced, done by every service, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import sqlalchemy as sa

from chassis.dialect import clock
from chassis.erasure import heard_from
from chassis.events import Heard
from chassis.log import DatabaseLog
from chassis.principal import Principal
from chassis.schedule import Releaser
from chassis.sweeping import Sweeper
from chassis.tables import flow, idempotency_key, scheduled_message
from chassis.testing.stage import Client, Stage
from identity.flows import MOST_QUESTIONS, SERVICES, TRACERS
from identity.notification.model import Notification
from identity.user.model import User
from services.identity.tests.conftest import Door
from services.identity.tests.test_notifications import Assigned

ADA = Principal(user_id=1, name="Ada Admin", kind="user", scope="all")
HEARD: WeakKeyDictionary[Stage, int] = WeakKeyDictionary()
"""Up to which position of its own log identity has heard itself."""
CONTACT = {"subjects": ["contact/7"], "ground": "objection"}


def traced(service: str, *subjects: str, asked: int = 1) -> Heard:
    heard: Heard = heard_from(service).traced(erasure_id=1, asked=asked, subjects=subjects)
    return heard


def unknown(service: str, *subjects: str, asked: int = 1) -> Heard:
    heard: Heard = heard_from(service).unknown(erasure_id=1, asked=asked, subjects=subjects)
    return heard


def erased(service: str, **blanked: int) -> Heard:
    heard: Heard = heard_from(service).erased(erasure_id=1, blanked=blanked)
    return heard


def hears_itself(stage: Stage) -> None:
    """What identity has said about an erasure comes to itself, as it does in a running system."""
    log_of = DatabaseLog(stage.database)
    while found := log_of.read(HEARD.get(stage, 0), 1000, ["erasure", "personal-data"]):
        HEARD[stage] = found[-1].position
        stage.takes(*(one.raw for one in found))


def said(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.identity.") for kind, _ in stage.said() if "erasure" in kind or "personal" in kind]


def asked_about(stage: Stage) -> list[tuple[int, list[str]]]:
    """What was asked since, and what identity says to it itself."""
    questions = [data for kind, data in stage.said() if kind.endswith("erasure.requested")]
    hears_itself(stage)
    return [(data["asked"], data["subjects"]) for data in questions]


def state(admin: Client) -> str:
    found: str = admin.get("/erasures/1")["state"]
    return found


def begun(stage: Stage, admin: Client, **body: Any) -> None:
    """An erasure that everybody has traced."""
    admin.post("/erasures", expect=202, **{**CONTACT, **body})
    hears_itself(stage)
    stage.hears(*(traced(service) for service in TRACERS if service != "identity"))
    hears_itself(stage)


# Asking for it


def test_an_erasure_is_asked_for_by_naming_records_and_a_ground(stage: Stage, admin: Client) -> None:
    stage.said()

    answer = admin.post("/erasures", expect=202, subjects=["contact/7", "contact/7"], ground="objection", case_no="A-1")

    assert (answer["state"], answer["subjects"], answer["case_no"]) == ("requested", ["contact/7"], "A-1")
    assert {part["service"]: part["erased_at"] for part in answer["parts"]} == dict.fromkeys(SERVICES)
    [(kind, data)] = stage.said()
    assert kind == "crm.identity.erasure.requested"
    assert data == {
        "changes": {}, "erasure_id": 1, "asked": 1, "subjects": ["contact/7"], "with_texts": False,
        "ground": "objection", "case_no": "A-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"subjects": []}, "/subjects"),
        ({"subjects": ["contact/7", "Li Wei"]}, "/subjects/1"),
        ({"subjects": ["moon/1"]}, "/subjects/0"),
        ({"subjects": ["contact/7"] * 21}, "/subjects"),
        ({"subjects": "contact/7"}, "/subjects"),
        ({"ground": "because"}, "/ground"),
        ({"case_no": "Li Wei asked"}, "/case_no"),
        ({"case_no": "李伟"}, "/case_no"),
        ({"reason": "Li Wei asked"}, "/reason"),
    ],
)
def test_what_could_hold_a_name_or_means_nobody_is_refused(admin: Client, wrong: dict[str, Any], pointer: str) -> None:
    problem = admin.post("/erasures", expect=422, **{**CONTACT, **wrong})

    assert problem["errors"][0]["pointer"].startswith(pointer)
    assert admin.get("/erasures")["total"] == 0


def test_a_user_has_to_be_disabled_before(stage: Stage, admin: Client, id_of: Callable[[str], int]) -> None:
    mei = id_of("mei")

    problem = admin.post("/erasures", expect=409, subjects=[f"user/{mei}"], ground="no-longer-needed")
    assert (problem["type"], problem["user_id"]) == ("/problems/user-still-active", mei)

    admin.post(f"/users/{mei}/disable", expect=200)
    admin.post("/erasures", expect=202, subjects=[f"user/{mei}"], ground="no-longer-needed")


def test_of_a_record_about_nobody_only_the_text_can_be_erased(admin: Client) -> None:
    problem = admin.post("/erasures", expect=409, subjects=["request/5"], ground="objection")
    assert (problem["type"], problem["subject"]) == ("/problems/texts-only", "request/5")

    admin.post("/erasures", expect=202, subjects=["request/5"], ground="objection", with_texts=True)


def test_it_needs_a_right_of_its_own(stage: Stage) -> None:
    sue = stage.client(Principal(user_id=2, name="Sue", kind="user"), "user:write")

    assert sue.post("/erasures", expect=403, **CONTACT)["needs"] == "personal-data:erase"
    assert sue.get("/personal-data/identity?subjects=user/1", expect=403)["needs"] == "personal-data:export"


# Tracing and erasing


def test_nobody_is_erased_before_all_have_said_who_it_is(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)
    hears_itself(stage)
    stage.hears(traced("customer", "contact/7"), traced("service-desk"))
    assert state(admin) == "requested"
    said(stage)

    stage.hears(traced("marketing"))

    assert state(admin) == "erasing"
    [(kind, data)] = [one for one in stage.said() if "erasure" in one[0]]
    assert (kind, data["subjects"]) == ("crm.identity.erasure.begun", ["contact/7"])


def test_whoever_is_known_under_another_name_too_is_asked_about_again(stage: Stage, admin: Client) -> None:
    """The customer service knows of an opportunity, of which marketing knows a deal, which a visit is about."""
    admin.post("/erasures", expect=202, **CONTACT)
    assert asked_about(stage) == [(1, ["contact/7"])]
    stage.hears(traced("customer", "contact/7", "opportunity/12"), traced("service-desk"), traced("marketing"))
    assert asked_about(stage) == [(2, ["contact/7", "opportunity/12"])]
    stage.hears(traced("marketing", "deal/3", asked=2), traced("service-desk", asked=2), traced("customer", asked=2))
    assert asked_about(stage) == [(3, ["contact/7", "deal/3", "opportunity/12"])]
    assert state(admin) == "requested"

    stage.hears(*(traced(service, asked=3) for service in TRACERS if service != "identity"))

    assert state(admin) == "erasing"
    assert admin.get("/erasures/1")["subjects"] == ["contact/7", "deal/3", "opportunity/12"]


def test_an_answer_to_an_earlier_question_does_not_count(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)
    hears_itself(stage)
    stage.hears(traced("customer", "contact/7", "opportunity/12"), traced("service-desk"), traced("marketing"))
    hears_itself(stage)

    stage.hears(traced("marketing", "deal/3"), traced("customer"), traced("service-desk"), unknown("customer", "x/1"))
    assert state(admin) == "requested"

    stage.hears(*(traced(service, asked=2) for service in TRACERS if service != "identity"))
    assert state(admin) == "erasing"


def test_somebody_is_asked_about_so_many_times_at_most(stage: Stage, admin: Client) -> None:
    """Whoever finds a new name at every question must not keep all others from being erased."""
    admin.post("/erasures", expect=202, **CONTACT)
    for asked in range(1, MOST_QUESTIONS + 1):
        assert state(admin) == "requested"
        hears_itself(stage)
        stage.hears(traced("customer", asked=asked), traced("service-desk", asked=asked))
        stage.hears(traced("marketing", f"deal/{asked}", asked=asked))

    assert state(admin) == "erasing"
    assert len(admin.get("/erasures/1")["subjects"]) == 1 + MOST_QUESTIONS


def test_it_is_done_when_every_service_has_done_it_in_any_order(stage: Stage, admin: Client) -> None:
    begun(stage, admin)

    stage.hears(erased("reporting", report_log=2), erased("customer", cst_linkman=1, event_log=3), times=2)
    stage.hears(erased("service-desk"), erased("marketing"))
    assert state(admin) == "erasing"
    Sweeper(stage.database, stage.service).run_due()
    hears_itself(stage)

    found = admin.get("/erasures/1")
    assert found["state"] == "done"
    assert found["completed_at"]
    parts = {part["service"]: part["tables"] for part in found["parts"]}
    assert parts == {
        "customer": {"cst_linkman": 1, "event_log": 3}, "identity": {}, "marketing": {}, "reporting": {"report_log": 2},
        "service-desk": {},
    }  # fmt: skip
    assert said(stage)[-1] == "erasure.completed"
    hears_itself(stage)
    stage.hears(erased("marketing", event_log=1))
    assert admin.get("/erasures/1")["state"] == "done"


def test_whoever_is_unknown_is_erased_nowhere(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)
    hears_itself(stage)
    said(stage)

    stage.hears(unknown("customer", "contact/7"), times=2)
    stage.hears(traced("marketing"), traced("service-desk"))

    found = admin.get("/erasures/1")
    assert (found["state"], [part["erased_at"] for part in found["parts"]]) == ("refused", [None] * 5)
    assert said(stage) == ["erasure.refused"]
    admin.post("/erasures/1/retry", expect=200)


def test_a_user_who_does_not_exist_is_unknown(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, subjects=["user/999"], ground="objection")

    hears_itself(stage)
    hears_itself(stage)

    assert state(admin) == "refused"


def test_an_answer_that_does_not_come_makes_it_stuck_and_can_be_asked_for_again(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)
    hears_itself(stage)
    stage.hears(traced("customer", "contact/7"))
    admin.post("/erasures/1/retry", expect=409)
    with stage.database.connection() as connection:
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=clock(connection)))
    Releaser(stage.database, "identity", stage.service.all_timers()).run_due()
    with stage.database.reading() as session:
        row = session.execute(sa.select(flow)).one()
    assert (row.state, row.waiting_for) == (
        "stuck", "marketing.personal-data.traced and service-desk.personal-data.traced"
    )  # fmt: skip
    said(stage)

    admin.post("/erasures/1/retry", expect=200)

    assert said(stage) == ["erasure.requested"]
    stage.hears(traced("service-desk"), traced("marketing"), traced("customer", "contact/7"))
    assert state(admin) == "erasing"


def test_what_nobody_has_answered_is_asked_anew(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)
    with stage.database.connection() as connection:
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=clock(connection)))
    Releaser(stage.database, "identity", stage.service.all_timers()).run_due()
    stage.said()

    admin.post("/erasures/1/retry", expect=200)

    assert asked_about(stage) == [(2, ["contact/7"])]
    stage.hears(*(traced(service, asked=2) for service in TRACERS if service != "identity"))
    assert state(admin) == "erasing"


# What identity itself forgets


def test_a_user_is_forgotten_by_identity(stage: Stage, admin: Client, id_of: Callable[[str], int]) -> None:
    fields = {"login": "marker-login", "full_name": "Marker Name", "email": "marker@mail", "role": "supervisor"}
    user = admin.post("/users", **fields, password="a long enough password")
    admin.patch(f"/users/{user['id']}", version=1, full_name="Marker Married")
    admin.post(f"/users/{user['id']}/disable", expect=200)
    begun(stage, admin, subjects=[f"user/{user['id']}"])

    assert Sweeper(stage.database, stage.service).run_due() == 1

    shown = admin.get(f"/users/{user['id']}")
    assert (shown["login"], shown["full_name"], shown["email"]) == (f"(erased {user['id']})", "", "")
    assert (shown["erased"], shown["is_active"], shown["version"]) == ("user", False, 3)
    history = admin.get(f"/users/{user['id']}/history")["items"]
    assert [event["version"] for event in history] == [1, 2, 3]
    assert history[1]["changes"]["full_name"] == {"old": "", "new": ""}
    assert history[0]["erased"] == [f"user/{user['id']}"]
    assert "arker" not in json.dumps([shown, history])
    with stage.database.reading() as session:
        assert session.scalar(sa.select(User.password_hash).where(User.id == user["id"])) == ""
        assert not session.scalars(sa.select(idempotency_key.c.body).where(idempotency_key.c.body != b"")).all()


def test_where_somebody_signed_in_from_is_forgotten(
    stage: Stage, admin: Client, door: Door, id_of: Callable[[str], int]
) -> None:
    door.sign_in("mei", from_="203.0.113.77")
    door.sign_in("mei", "a wrong password", from_="203.0.113.78")
    door.sign_in("sue", from_="203.0.113.79")
    assert everything(stage).count("203.0.113.77") == 2, "the session and its event"
    admin.post(f"/users/{id_of('mei')}/disable", expect=200)
    begun(stage, admin, subjects=[f"user/{id_of('mei')}"])

    Sweeper(stage.database, stage.service).run_due()

    left = everything(stage)
    assert [address for address in ("203.0.113.77", "203.0.113.78") if address in left] == []
    assert "203.0.113.79" in left


def test_what_others_were_told_of_somebody_is_forgotten(
    stage: Stage, admin: Client, id_of: Callable[[str], int]
) -> None:
    for number in (12, 13):
        stage.hears(Assigned(opportunity_id=number, assignee_id=id_of("mei"), customer_name=f"Marker {number}"))
    begun(stage, admin, subjects=["prospect/12"])

    Sweeper(stage.database, stage.service).run_due()

    with stage.database.reading() as session:
        told = session.execute(sa.select(Notification.link, Notification.parameters).order_by(Notification.id)).all()
    assert [one.parameters["customer_name"] for one in told] == ["", "Marker 13"]
    assert "Marker 12" not in everything(stage)


def everything(stage: Stage) -> str:
    """All rows of all tables."""
    with stage.database.reading() as session:
        tables = stage.service.metadata.sorted_tables
        return "\n".join(str(row._mapping) for table in tables for row in session.execute(table.select()))


def test_an_erased_user_does_not_come_back(stage: Stage, admin: Client) -> None:
    user = admin.post("/users", login="gone", full_name="Gone", role="supervisor")
    path = f"/users/{user['id']}"
    admin.post(f"{path}/disable", expect=200)
    begun(stage, admin, subjects=[f"user/{user['id']}"])
    Sweeper(stage.database, stage.service).run_due()

    assert admin.patch(path, version=2, expect=409, full_name="Back")["type"] == "/problems/person-erased"
    admin.post(f"{path}/enable", expect=409)
    admin.call("PUT", f"{path}/password", {"password": "another long password"}, expect=409)
    admin.patch(path, version=2, role="executive")


def test_what_is_held_about_a_user_is_handed_out_in_bites(
    stage: Stage, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = admin.post("/users", login="marker", full_name="Marker Name", email="m@x", role="supervisor")
    monkeypatch.setattr("chassis.holding.BITE", 3)

    items, cursor, bites = [], "", 0
    while cursor is not None:
        page = admin.get(
            f"/personal-data/identity?subjects=user/{user['id']}" + (f"&cursor={cursor}" if cursor else "")
        )
        items += page["items"]
        cursor, bites = page["next_cursor"], bites + 1

    assert bites > 3
    [row] = [item for item in items if item["table"] == "sys_user"]
    assert row["values"] == {"login": "marker", "full_name": "Marker Name", "email": "m@x"}
    [event] = [item for item in items if item["table"] == "event_log"]
    assert (event["event_type"], event["values"]["/data/login"]) == ("crm.identity.user.registered", "marker")
    assert "password" not in json.dumps(items)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("subjects=Li+Wei", "/subjects"), ("subjects=user/1&cursor=x", "/cursor"), ("", "/subjects")],
)
def test_a_wrong_question_about_a_person_is_refused(admin: Client, query: str, pointer: str) -> None:
    assert admin.get(f"/personal-data/identity?{query}", expect=422)["errors"][0]["pointer"] == pointer


def test_nobody_is_found_where_no_key_can_be(admin: Client) -> None:
    for subject in ("user/abc", "user/" + "9" * 79, "moon/1"):
        assert admin.get(f"/personal-data/identity?subjects={subject}")["items"] == []
