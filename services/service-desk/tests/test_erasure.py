"""Erasing at the service desk: customers who are people, what they asked, and who worked for them."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.erasure import ErasureBegun, ErasureRequested
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.sweeping import Sweeper
from chassis.testing.stage import Client, Stage
from service_desk.reactions import CustomerEdited, CustomerOpened, DealWon
from service_desk.service import service

MEI = Principal(user_id=7, name="Mei Marker", role="account-manager", kind="user", scope="all")
LI = "KH202611230000001"
ASKED = {"kind": "complaint", "title": "A title", "customer_no": LI, "request_text": "A text"}
TEXTS = ("A title", "A text", "A handling", "A result")


@pytest.fixture
def mei(stage: Stage) -> Client:
    stage.hears(
        UserRegistered(user_id=7, login="mei-marker", full_name="Mei Marker", role="account-manager"),
        CustomerOpened(customer_no=LI, name="Li Person", status=1, manager_id=7),
        ItemAdded(item_id=1, kind="service type", value="complaint", text="投诉"),
    )
    return stage.client(MEI)


@pytest.fixture
def served(mei: Client) -> str:
    """A request from beginning to end, and back once."""
    path = f"/requests/{mei.post('/requests', **ASKED)['id']}"
    mei.post(path + "/allocation", expect=200, assignee_id=7)
    for satisfaction in (1, 5):
        mei.post(path + "/handling", expect=200, handling="A handling")
        mei.post(path + "/feedback", expect=200, result="A result", satisfaction=satisfaction)
    return path


def erase(stage: Stage, *subjects: str, texts: bool = False, number: int = 1) -> None:
    stage.hears(ErasureBegun(erasure_id=number, subjects=subjects, with_texts=texts))
    assert Sweeper(stage.database, service).run_due() == 1


def everything(stage: Stage) -> str:
    found = []
    with stage.database.reading() as session:
        for table in service.metadata.sorted_tables:
            found += [str(dict(row._mapping)) for row in session.execute(table.select())]
    return "\n".join(found)


def test_a_customer_is_forgotten_and_the_request_is_not(stage: Stage, mei: Client, served: str) -> None:
    erase(stage, f"customer/{LI}")

    assert "Li Person" not in everything(stage)
    shown = mei.get(served)
    assert (shown["customer_no"], shown["customer_name"], shown["status"], shown["satisfaction"]) == (
        LI, "", "archived", 5,
    )  # fmt: skip
    assert [text for text in TEXTS if text not in everything(stage)] == []


@pytest.mark.parametrize("subject", [f"customer/{LI}", "request/1"])
def test_what_was_written_goes_on_request(stage: Stage, mei: Client, served: str, subject: str) -> None:
    erase(stage, subject, texts=True)

    assert [text for text in TEXTS if text in everything(stage)] == []
    assert [event["version"] for event in mei.get(served + "/history")["items"]] == [1, 2, 3, 4, 5, 6]


def test_whoever_worked_on_it_is_forgotten(stage: Stage, mei: Client, served: str) -> None:
    erase(stage, "user/7")

    assert "arker" not in everything(stage)
    shown: Any = mei.get(served)
    assert {shown[f"{part}_id"] for part in ("creator", "assignee", "handler")} == {7}
    assert {shown[f"{part}_name"] for part in ("creator", "assignee", "handler")} == {""}


def test_an_erased_customer_asks_nothing_more_and_gets_no_new_name(stage: Stage, mei: Client) -> None:
    erase(stage, f"customer/{LI}")

    assert mei.post("/requests", expect=409, **ASKED)["type"] == "/problems/person-erased"
    stage.hears(CustomerEdited(customer_no=LI, name="Li Person", status=1, manager_id=7))
    assert "Li Person" not in everything(stage)


# Complaints and visits

WON = DealWon(
    deal_id=5,
    name="A deal",
    customer_no=LI,
    customer_name="Li Person",
    contact_name="Bo Contact",
    owner_id=7,
    owner_name="Mei Marker",
)
COMPLAINT = {"title": "A title", "severity": "critical", "customer_no": LI, "description": "A text"}


@pytest.fixture
def sue(stage: Stage, mei: Client) -> Client:
    stage.hears(UserRegistered(user_id=8, login="sue", full_name="Sue", role="supervisor"))
    return stage.client(Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all"))


@pytest.fixture
def complained(mei: Client, sue: Client) -> str:
    path = f"/complaints/{mei.post('/complaints', **COMPLAINT)['id']}"
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    mei.post(path + "/handling", expect=200, handling="A handling")
    sue.post(path + "/visit", expect=200, result="A result", satisfaction=4)
    return path


def test_a_complaint_is_counted_when_its_customer_is_forgotten(
    stage: Stage, mei: Client, sue: Client, complained: str
) -> None:
    erase(stage, f"customer/{LI}")

    assert "Li Person" not in everything(stage)
    shown = sue.get(complained)
    assert (shown["customer_no"], shown["customer_name"], shown["satisfaction"]) == (LI, "", 4)
    assert sue.post(complained + "/closing", expect=200)["status"] == "closed"
    assert mei.post("/complaints", expect=409, **COMPLAINT)["type"] == "/problems/person-erased"


@pytest.mark.parametrize("subject", [f"customer/{LI}", "complaint/1"])
def test_what_was_written_about_a_complaint_goes_on_request(
    stage: Stage, sue: Client, complained: str, subject: str
) -> None:
    assert [text for text in TEXTS if text not in everything(stage)] == []

    erase(stage, subject, texts=True)

    assert [text for text in TEXTS if text in everything(stage)] == []
    assert [event["version"] for event in sue.get(complained + "/history")["items"]] == [1, 2, 3, 4]


def test_whoever_settled_a_complaint_is_forgotten(stage: Stage, complained: str) -> None:
    erase(stage, "user/7")

    assert "arker" not in everything(stage)


@pytest.mark.parametrize("subject", ["deal/5", "visit/1"])
def test_whom_one_visits_is_forgotten_and_the_visit_is_made(stage: Stage, mei: Client, subject: str) -> None:
    stage.hears(WON)
    [visit] = mei.get("/visits")["items"]
    path = f"/visits/{visit['id']}"
    mei.patch(path, version=1, contact_name="Bo Contact Junior")

    erase(stage, subject)

    assert "Contact" not in everything(stage)
    assert mei.post(path + "/completion", expect=200, result="All is well")["customer_name"] == "Li Person"


def test_a_visit_gets_no_new_name_once_whom_one_visits_was_erased(stage: Stage, mei: Client) -> None:
    stage.hears(WON)
    erase(stage, "visit/1")

    assert mei.patch("/visits/1", version=1, expect=409, contact_name="Bo")["subject"] == "visit"
    assert mei.get("/visits/1")["erased"] == "visit"
    mei.patch("/visits/1", version=1, priority=1)


def test_a_won_deal_that_is_heard_after_the_erasure_plans_a_visit_to_nobody(stage: Stage, mei: Client) -> None:
    late = stage.says(WON)
    erase(stage, "deal/5", f"customer/{LI}", texts=True)

    stage.takes(late)

    [visit] = mei.get("/visits")["items"]
    assert (visit["subject"], visit["customer_name"], visit["contact_name"]) == ("回访：", "", "")
    assert [name for name in ("Li Person", "Bo Contact", "A deal") if name in everything(stage)] == []


def test_nobody_plans_a_visit_to_a_customer_who_was_erased(stage: Stage, mei: Client) -> None:
    erase(stage, f"customer/{LI}")

    planned = {"subject": "Hello", "customer_no": LI, "planned_for": "2027-01-11T09:00:00Z"}
    assert mei.post("/visits", expect=409, **planned)["type"] == "/problems/person-erased"


def test_the_desk_knows_its_visits_and_complaints(stage: Stage, mei: Client, complained: str) -> None:
    stage.hears(WON)
    stage.said()

    stage.hears(ErasureRequested(erasure_id=1, asked=1, subjects=("visit/1", "complaint/1", "deal/5")))
    stage.hears(ErasureRequested(erasure_id=2, asked=1, subjects=("visit/9",)))

    told: list[Any] = [(kind.rpartition(".")[2], data["subjects"]) for kind, data in stage.said()]
    assert told == [("traced", ["complaint/1", "visit/1"]), ("unknown", ["visit/9"])]
