"""The right to be forgotten, proved: people with names like no others go through all services, and are erased.

Then every table of every service, PostgreSQL's statistics, and every byte of SQLite's files are looked through. Old
messages come again, logs are folded again, what was parked is tried again, and all is looked through once more.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis.tables import erased_subject
from guanxi.person import person
from reporting.rebuild import rebuild
from tests.journeys import forgetting
from tests.journeys.forgetting import PATIENCE_SECONDS, database_of, erased, left, numbers
from tests.journeys.test_main_job import a_customer
from tests.system import Person, System, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def marker() -> str:
    return forgetting.marker()


@pytest.fixture
def short() -> str:
    return forgetting.short_marker()


@pytest.fixture
def word() -> str:
    """The name of a firm that no other test uses: the systems are shared."""
    return f"Firm {secrets.token_hex(4)}"


@pytest.fixture
def admin(guanxi: System) -> Person:
    return guanxi.person("admin")


def command(guanxi: System, *words: str, code: int = 0) -> str:
    """What ``guanxi person`` prints."""
    result = CliRunner().invoke(person, ["--data", str(guanxi.home.folder), *words])
    assert result.exit_code == code, result.output
    return result.output


def win_with(guanxi: System, firm: str, name: str, phone: str) -> tuple[Person, str]:
    """Somebody is named in an opportunity, and it is won: the account manager, and the opportunity's id."""
    sue, mei = guanxi.person("sue"), guanxi.person("mei")
    hint = {"customer_name": firm, "title": "Pumps", "success_rate": 60, "description": "Met at the fair"}
    opportunity = sue.post("/api/opportunities", expect=201, **hint, contact_name=name, contact_phone=phone).json
    path = f"/api/opportunities/{opportunity['id']}"
    wait_until(lambda: sue.get("/api/opportunities/assignees")["total"], "marketing to hear of its people")
    sue.post(f"{path}/assignment", assignee_id=mei.get("/api/me")["user_id"])
    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    mei.post(f"{path}/win")
    return mei, str(opportunity["id"])


def order_for(guanxi: System, number: str) -> str:
    order_no = secrets.token_hex(5)
    row = {"order_no": order_no, "customer_no": number, "ordered_at": "2026-01-05T10:00:00Z", "amount": "100.10"}
    guanxi.person("sue").post("/api/orders/bulk", rows=[row | {"kind": "order", "currency": "GBP", "address": "x"}])
    return order_no


def must_be_exactly_rebuilt(guanxi: System) -> None:
    with database_of(guanxi, "reporting") as database:
        found = rebuild(database, verify_only=False)
    assert [name for name, table in found.tables.items() if not table.is_equal] == []


# A contact


def test_a_contact_is_forgotten_by_everything_and_does_not_come_back(
    guanxi: System, admin: Person, marker: str, short: str, word: str
) -> None:
    mei, path, first = _a_contact(guanxi, word, marker, short)
    with forgetting.nothing_can_be_linked(guanxi):
        second = _is_won_but_parked(guanxi, f"Second {word}", marker)
        forgetting.wait_until_all_is_heard(guanxi)
        old = {name: forgetting.wires_with(guanxi, name, marker) for name in ("customer", "marketing")}
        assert {name: len(wires) for name, wires in old.items()} == {"customer": 3, "marketing": 2}
        assert {place.split(":")[0] for place in left(guanxi, marker)} == {"customer", "marketing", "reporting"}
        before = numbers(guanxi)
        contact = f"contact/{path.rpartition('/')[2]}"

        found = erased(admin, contact, f"opportunity/{second}", with_texts=True)

        assert found["state"] == "done"
        assert found["subjects"] == sorted([contact, f"opportunity/{first}", f"opportunity/{second}"])
        assert all(part["erased_at"] for part in found["parts"])
        assert left(guanxi, marker, short) == []
        assert numbers(guanxi) == before
        for name, listener in (("customer", "reporting"), ("marketing", "reporting"), ("marketing", "customer")):
            forgetting.deliver_again(guanxi, listener, old[name])
        assert left(guanxi, marker, short) == []
        assert numbers(guanxi) == before

    forgetting.try_parked_again(guanxi, "customer")
    must_be_exactly_rebuilt(guanxi)
    assert left(guanxi, marker, short) == []
    shown = mei.get(path)
    assert (shown["name"], shown["version"], shown["erased"]) == ("", 3, "contact")
    assert mei.ask("PATCH", path, {"name": marker}, {"If-Match": '"3"'}).status == 409
    assert [event["version"] for event in mei.get(f"{path}/history")["items"]] == [1, 2, 3]


def _a_contact(guanxi: System, word: str, marker: str, short: str) -> tuple[Person, str, str]:
    """Somebody from a won opportunity, each field of whose card was written twice; path and first id."""
    mei, number = a_customer(guanxi, word)
    _, opportunity = win_with(guanxi, word, marker, f"0{marker}")
    contacts = f"/api/customers/{number}/contacts"
    [card] = wait_until(lambda: mei.get(contacts)["items"], "the contact", within=PATIENCE_SECONDS)
    path = f"{contacts}/{card['id']}"
    for turn in ("a", "b"):
        fields = {name: f"{turn}{marker}" for name in ("name", "position", "phone", "mobile", "memo")}
        mei.patch(path, **fields, sex=short)
    return mei, path, opportunity


def _is_won_but_parked(guanxi: System, firm: str, marker: str) -> str:
    """The same person in another opportunity, whose win the customer service could not apply."""
    _, opportunity = win_with(guanxi, firm, marker, f"0{marker}")
    [(body, _)] = wait_until(lambda: forgetting.parked(guanxi, "customer"), "it is parked", PATIENCE_SECONDS)
    assert marker.encode() in body
    forgetting.quote_in_error(guanxi, marker)
    return opportunity


# A user


def test_a_user_who_left_is_forgotten_by_everything(guanxi: System, admin: Person, marker: str, word: str) -> None:
    new = {"login": f"l{marker}", "full_name": f"f{marker}", "email": f"{marker}@x.org", "role": "account-manager"}
    user = admin.post(
        "/api/users", expect=201, **new, password="a long enough password", must_change_password=False
    ).json
    admin.patch(f"/api/users/{user['id']}", full_name=f"g{marker}")
    leaver = Person(guanxi.address, f"l{marker}", "a long enough password")
    number = _works_for_a_while(guanxi, leaver, user["id"], word)
    admin.post(f"/api/users/{user['id']}/disable")
    forgetting.wait_until_all_is_heard(guanxi)
    before = numbers(guanxi)
    assert {place.split(":")[0] for place in left(guanxi, marker)} == {
        "identity", "marketing", "customer", "service-desk", "reporting",
    }  # fmt: skip

    found = erased(admin, f"user/{user['id']}")

    assert found["state"] == "done"
    assert left(guanxi, marker) == []
    assert numbers(guanxi) == before
    must_be_exactly_rebuilt(guanxi)
    assert left(guanxi, marker) == []
    sue = guanxi.person("sue")
    shown = sue.get(f"/api/customers/{number}")
    assert (shown["manager_id"], shown["manager_name"]) == (user["id"], "")
    refused = guanxi.anonymous().ask(
        "POST", "/api/session", {"login": f"l{marker}", "password": "a long enough password"}
    )
    assert refused.status == 401


def _works_for_a_while(guanxi: System, leaver: Person, user_id: int, word: str) -> str:
    """Somebody who does everything an account manager does; the number of a customer."""
    sue = guanxi.person("sue")
    wait_until(lambda: _may_be_assigned(sue, user_id), "all to hear of the new user", within=PATIENCE_SECONDS)
    number: str = leaver.post("/api/customers", expect=201, name=word, region="华东", level=2).json["customer_no"]
    leaver.post(f"/api/customers/{number}/contacts", expect=201, name="Somebody", phone="1")
    leaver.post(f"/api/customers/{number}/activities", expect=201, held_at="2026-01-01T00:00:00Z", place="x", title="x")
    hint = {"customer_name": word, "title": "Pumps", "success_rate": 60, "description": "Met at the fair"}
    opportunity = leaver.post("/api/opportunities", expect=201, **hint).json["id"]
    sue.post(f"/api/opportunities/{opportunity}/assignment", assignee_id=user_id)
    leaver.post(f"/api/opportunities/{opportunity}/failure", reason="They bought elsewhere")
    asked = {"kind": "咨询", "title": "Which?", "customer_no": number, "request_text": "For salt water"}

    def created() -> Any:
        answer = leaver.ask("POST", "/api/requests", asked, {"Idempotency-Key": word})
        return answer.json if answer.status == 201 else None

    request = wait_until(created, "the service desk to know the customer", within=PATIENCE_SECONDS)
    path = f"/api/requests/{request['id']}"
    sue.post(f"{path}/allocation", assignee_id=user_id)
    leaver.post(f"{path}/handling", handling="The bronze one")
    leaver.post(f"{path}/feedback", result="Works", satisfaction=5)
    old = {"reference": word, "name": f"Old {word}", "region": "N", "level": 1, "opened_at": "2020-01-01T00:00:00Z"}
    sue.post("/api/customers/bulk", rows=[{**old, "manager_id": user_id}])
    leaver.post("/api/losses/detection")
    [alert] = leaver.get(f"/api/losses?customer_name=Old%20{word.replace(' ', '%20')}")["items"]
    leaver.post(f"/api/losses/{alert['id']}/measures", text="Sent the new list")
    leaver.post(f"/api/losses/{alert['id']}/confirmation", reason="Moved")
    order_for(guanxi, number)
    return number


def _may_be_assigned(sue: Person, user_id: int) -> bool:
    lists = ("/api/opportunities/assignees", "/api/requests/assignees", "/api/customers/managers")
    return all(user_id in [one["user_id"] for one in sue.get(f"{path}?size=200")["items"]] for path in lists)


# A customer who is a person, from the command line


def test_a_customer_who_is_a_person_is_found_handed_out_and_forgotten(
    guanxi: System, admin: Person, marker: str, word: str
) -> None:
    with forgetting.somebody_outside_is_told(guanxi, admin):
        number = _a_person_buys_and_complains(guanxi, marker)
    forgetting.wait_until_all_is_heard(guanxi)
    before = numbers(guanxi)
    subject = f"customer/{number}"
    found = command(guanxi, "find", marker, code=1)
    assert "cst_customer" in found
    assert "external_effect" in found
    held = json.loads(command(guanxi, "export", subject))
    assert subject in held["subjects"]
    fields = {name for items in held["held"].values() for item in items for name in item["values"]}
    assert {"name", "phone", "legal_person", "bank_account", "request_text", "/data/customer_name"} <= fields
    page = admin.get(f"/api/personal-data/service-desk?subjects={subject}")
    assert [item["table"] for item in page["items"] if item["table"] == "cst_service"] == ["cst_service"]

    command(guanxi, "erase", subject, "--ground", "no-longer-needed", "--case", "A-1", "--texts", "--wait")

    assert command(guanxi, "find", marker).strip() == "0 places"
    assert numbers(guanxi) == before
    must_be_exactly_rebuilt(guanxi)
    assert left(guanxi, marker) == []
    assert subject in command(guanxi, "show", str(json.loads(command(guanxi, "list", "--json"))[0]["id"]))
    assert guanxi.person("mei").get(f"/api/customers/{number}")["region"] == "华东"
    _comes_back_from_a_backup(guanxi, number, marker)


def _a_person_buys_and_complains(guanxi: System, marker: str) -> str:
    """The number of a customer with a marker in every field, an order, a loss, a request and an activity."""
    sue, mei = guanxi.person("sue"), guanxi.person("mei")
    personal = ("name", "address", "postal_code", "phone", "fax", "website", "licence_no", "legal_person", "bank")
    fields = dict.fromkeys((*personal, "bank_account", "local_tax_no", "national_tax_no"), marker)
    row = {**fields, "region": "华东", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}
    assert sue.post("/api/customers/bulk", rows=[row]).json["created"] == 1
    number: str = mei.get(f"/api/customers?name={marker}")["items"][0]["customer_no"]
    mei.patch(f"/api/customers/{number}", **{name: f"9{marker}"[:10] for name in fields} | {"name": f"9{marker}"})
    mei.post("/api/losses/detection")
    [alert] = mei.get(f"/api/losses?customer_name=9{marker}")["items"]
    mei.post(f"/api/losses/{alert['id']}/measures", text=f"Called {marker}")
    mei.post(f"/api/losses/{alert['id']}/confirmation", reason=f"{marker} moved")
    text = {"place": marker, "title": marker, "description": marker, "memo": marker}
    mei.post(f"/api/customers/{number}/activities", expect=201, held_at="2026-01-01T00:00:00Z", **text)
    order_no = order_for(guanxi, number)
    sue.post(f"/api/orders/{order_no}/cancellation", reason=f"{marker} changed his mind")
    asked = {"kind": "投诉", "title": f"{marker} complains", "customer_no": number, "request_text": marker}

    def created() -> Any:
        answer = mei.ask("POST", "/api/requests", asked)
        return answer.json if answer.status == 201 else None

    request = wait_until(created, "the service desk to know the customer", within=PATIENCE_SECONDS)
    path = f"/api/requests/{request['id']}"
    sue.post(f"{path}/allocation", assignee_id=mei.get("/api/me")["user_id"])
    mei.post(f"{path}/handling", handling=f"Talked with {marker}")
    mei.post(f"{path}/feedback", result=f"{marker} is content", satisfaction=5)
    return number


def _comes_back_from_a_backup(guanxi: System, number: str, marker: str) -> None:
    """The customer's database as it was before, without any memory of the erasure."""
    with database_of(guanxi, "customer") as database, database.connection() as connection:
        connection.execute(sa.delete(erased_subject))
        restored = sa.text("UPDATE cst_customer SET name = :name, phone = :name, erased = '' WHERE customer_no = :no")
        connection.execute(restored, {"name": marker, "no": number})
    assert left(guanxi, marker)

    command(guanxi, "again")

    wait_until(lambda: not left(guanxi, marker), "the restored name to be gone", within=PATIENCE_SECONDS)


# Nobody


def test_whoever_is_not_there_is_not_erased(guanxi: System, admin: Person) -> None:
    found = erased(admin, "contact/999999999")

    assert found["state"] == "refused"
    with database_of(guanxi, "customer") as database, database.reading() as session:
        gone = session.scalar(sa.select(erased_subject.c.id).where(erased_subject.c.subject_key == "999999999"))
    assert gone is None
