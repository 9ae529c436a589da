"""Who is let in, as clients meet it at the gateway; and that an auditor finds every attempt; in both modes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.system import Answer, Person, System, wait_until

PASSWORD = "purple elephants"
NewUser = Callable[..., tuple[int, str]]
SPOOFED = {"X-Forwarded-For": "10.1.2.3", "X-Client-Address": "10.1.2.3", "X-Gateway-Voucher": "guessed"}


@pytest.fixture
def admin(guanxi: System) -> Person:
    return guanxi.person("admin")


@pytest.fixture
def new_user(admin: Person) -> NewUser:
    """Registers an account manager; number and login."""

    def register(**more: Any) -> tuple[int, str]:
        login = f"u{secrets.token_hex(5)}"
        said = {"login": login, "full_name": "U", "role": "account-manager", "password": PASSWORD}
        user = admin.post("/api/users", expect=201, **said, **{"must_change_password": False, **more}).json
        return user["id"], login

    return register


def sign_in(guanxi: System, login: str, password: str = PASSWORD, headers: dict[str, str] | None = None) -> Answer:
    body = {"login": login, "password": password}
    return guanxi.anonymous().ask("POST", "/api/session", body, headers)


def problem(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("type", "").rpartition("/")[2]


def change(admin: Person, user: int, **fields: Any) -> None:
    answer = admin.ask("PATCH", f"/api/users/{user}", fields, {"If-Match": "*"})
    assert answer.status == 200, answer.raw


def refused_soon(person: Person, path: str, expected: tuple[int, str]) -> None:
    wait_until(lambda: problem(person.ask("GET", path)) == expected, f"{expected} within the promise", within=5)


def test_a_first_password_opens_nothing_but_the_own_account(guanxi: System, new_user: NewUser) -> None:
    _, login = new_user(must_change_password=True)
    assert sign_in(guanxi, login).json["must_change_password"] is True
    person = Person(guanxi.address, login, PASSWORD)

    assert problem(person.ask("GET", "/api/opportunities")) == (403, "password-change-due")
    assert problem(person.ask("GET", "/api/notifications")) == (403, "password-change-due")
    assert person.get("/api/me")["must_change_password"] is True
    weak = person.put("/api/me/password", expect=422, old_password=PASSWORD, new_password=login + "123").json
    assert weak["errors"][0]["pointer"] == "/new_password"
    person.put("/api/me/password", expect=204, old_password=PASSWORD, new_password="green elephants")

    assert Person(guanxi.address, login, "green elephants").get("/api/opportunities")["total"] == 0
    assert problem(sign_in(guanxi, login)) == (401, "wrong-credentials")


def test_an_account_is_good_only_from_its_networks_whatever_a_client_says(
    guanxi: System, admin: Person, new_user: NewUser
) -> None:
    user, login = new_user()
    person = Person(guanxi.address, login, PASSWORD)
    person.get("/api/opportunities")

    change(admin, user, allowed_addresses=["10.0.0.0/8"])

    refused_soon(person, "/api/opportunities", (403, "address-not-allowed"))
    assert problem(sign_in(guanxi, login)) == (403, "address-not-allowed")
    assert problem(sign_in(guanxi, login, headers=SPOOFED)) == (403, "address-not-allowed")
    assert person.ask("GET", "/api/opportunities", headers=SPOOFED).status == 403
    change(admin, user, allowed_addresses=["10.0.0.0/8", "127.0.0.0/8"])
    assert sign_in(guanxi, login).status == 201
    wait_until(lambda: person.ask("GET", "/api/opportunities").status == 200, "the session to be good again", within=5)


def test_an_account_that_expires_is_out_within_five_seconds(guanxi: System, admin: Person, new_user: NewUser) -> None:
    user, login = new_user(expires_at="2199-01-01T00:00:00Z")
    person = Person(guanxi.address, login, PASSWORD)
    person.get("/api/opportunities")

    change(admin, user, expires_at="2020-01-01T00:00:00Z")

    refused_soon(person, "/api/opportunities", (403, "account-expired"))
    assert problem(sign_in(guanxi, login)) == (403, "account-expired")


def test_guessing_locks_an_administrator_unlocks_and_an_auditor_sees_it(
    guanxi: System, admin: Person, new_user: NewUser
) -> None:
    user, login = new_user()
    for _ in range(5):
        assert problem(sign_in(guanxi, login, "wrong password")) == (401, "wrong-credentials")
    assert problem(sign_in(guanxi, login)) == (403, "locked")

    admin.post(f"/api/users/{user}/unlock")
    assert sign_in(guanxi, login).status == 201

    wanted = {"wrong-credentials": 5, "locked": 1}
    failed = f"/api/audit?type=identity.sign-in.failed&size=50&q={login}"
    wait_until(lambda: admin.get(failed)["total"] == sum(wanted.values()), "every attempt to be on record")
    entries = [one["data"] for one in admin.get(failed)["items"]]
    reasons = [one["reason"] for one in entries]
    assert {reason: reasons.count(reason) for reason in reasons} == wanted
    assert {one["address"] for one in entries} == {"127.0.0.1"}
    facts = admin.get(f"/api/audit?record_type=user&record_id={user}&sort=recorded_at")["items"]
    assert [one["type"].rpartition(".")[2] for one in facts] == ["registered", "locked", "unlocked"]
    assert facts[2]["by_name"] == "Ada Admin"
    assert facts[2]["changes"]["locked_until"]["new"] is None


def test_signing_out_everywhere_ends_every_session(guanxi: System, new_user: NewUser) -> None:
    _, login = new_user()
    here, elsewhere = (Person(guanxi.address, login, PASSWORD) for _ in range(2))
    me = here.get("/api/me")
    assert {one["id"] for one in here.get("/api/me/sessions")["items"]} > {me["session_id"]}

    assert here.ask("DELETE", "/api/me/sessions?but_this=true").status == 204
    wait_until(lambda: elsewhere.ask("GET", "/api/me").status == 401, "the other session to end", within=5)
    assert [one["id"] for one in here.get("/api/me/sessions")["items"]] == [me["session_id"]]

    assert here.ask("DELETE", "/api/me/sessions").status == 204
    wait_until(lambda: here.ask("GET", "/api/me").status == 401, "this session to end", within=5)


def test_a_module_that_is_switched_off_leaves_menus_and_answers_within_five_seconds(
    guanxi: System, admin: Person, new_user: NewUser
) -> None:
    _, login = new_user()
    person = Person(guanxi.address, login, PASSWORD)
    person.get("/api/losses")

    admin.post("/api/rights/L0202/disable")
    try:
        wait_until(lambda: person.ask("GET", "/api/losses").status == 403, "losses to be closed", within=5)
        documents = [one["code"] for module in person.get("/api/me")["menu"] for one in module["children"]]
        assert ("L0202" in documents, "L0201" in documents) == (False, True)
    finally:
        admin.post("/api/rights/L0202/enable")
    wait_until(lambda: person.ask("GET", "/api/losses").status == 200, "losses to be open", within=5)
