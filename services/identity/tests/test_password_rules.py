"""Which passwords are refused, and that everybody is told why."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chassis.testing.stage import Client, Stage
from identity.password_rules import fault_of, stem
from identity.user.model import PASSWORDS_REMEMBERED, UsedPassword
from services.identity.tests.conftest import PASSWORD, Door

ABOUT = ("li.wei", "Li Wei Zhang", "liwei@example.com")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("aaaa1111", "different characters"),
        ("13800138000", "Digits alone"),
        ("qwertyuiop", "Neighbouring"),
        ("poiuytrewq", "Neighbouring"),
        ("abcdefgh", "Neighbouring"),
        ("li.wei2024", "name of the account"),
        ("ieW.iL!!", "name of the account"),
        ("Zhang1234", "name of the account"),
        ("liwei_99", "name of the account"),
        ("2024liwei", "name of the account"),
        ("liwei goes fishing", ""),
        ("Password123", "tried first"),
        ("P@ssw0rd!", "tried first"),
        ("_dragon_2024", "tried first"),
        ("welcomewelcome", "tried first"),
        ("Woaini520", "tried first"),
        ("1q2w3e4r", ""),
        ("correct horse", ""),
        ("红楼梦四大名著之一", ""),
        ("1380 0138 0001", ""),
    ],
)
def test_what_guessers_try_first_is_refused(password: str, reason: str) -> None:
    found = fault_of(password, ABOUT)

    assert (reason in found) if reason else (found == "")


@pytest.mark.parametrize(
    ("password", "left"),
    [("__dragon99", "dragon"), ("abcabc", "abc"), ("2024", ""), ("x1y", "x1y"), ("hello", "hello")],
)
def test_a_password_is_reduced_to_its_stem(password: str, left: str) -> None:
    assert stem(password) == left


def test_whoever_registers_somebody_is_told_what_is_wrong_with_the_password(admin: Client) -> None:
    lee = {"login": "leewong", "full_name": "Lee", "role": "supervisor"}

    problem = admin.post("/users", expect=422, **lee, password="leewong123")

    assert problem["errors"][0]["pointer"] == "/password"
    assert "name of the account" in problem["errors"][0]["detail"]
    assert admin.get("/users?login=leewong")["total"] == 0


def change(door: Door, signed: dict[str, str], old: str, new: str) -> tuple[int, str]:
    answer = door.http.put("/me/password", json={"old_password": old, "new_password": new}, headers=signed)
    errors = answer.get_json().get("errors", [{}]) if answer.data else [{}]
    return answer.status_code, errors[0].get("detail", "")


def test_nobody_goes_back_to_one_of_the_last_passwords(stage: Stage, door: Door) -> None:
    passwords = [PASSWORD, *(f"battery staple {number}" for number in range(PASSWORDS_REMEMBERED))]
    for old, new in itertools.pairwise(passwords):
        signed = door.signed_with("mei", old)
        assert change(door, signed, old, old)[0] == 422
        assert change(door, signed, old, new)[0] == 204

    signed = door.signed_with("mei", passwords[-1])
    assert "last 5" in change(door, signed, passwords[-1], passwords[1])[1]
    assert change(door, signed, passwords[-1], PASSWORD)[0] == 204
    assert stage.count(UsedPassword.__table__) == PASSWORDS_REMEMBERED


def test_an_administrator_cannot_give_an_old_password_again(admin: Client, id_of: Callable[[str], int]) -> None:
    path = f"/users/{id_of('mei')}/password"
    admin.call("PUT", path, {"password": "battery staple"}, expect=200)

    problem = admin.call("PUT", path, {"password": "battery staple"}, expect=422)

    assert problem["errors"][0]["pointer"] == "/password"


def test_who_was_given_a_password_has_to_choose_another_first(
    stage: Stage, admin: Client, door: Door, id_of: Callable[[str], int]
) -> None:
    admin.call("PUT", f"/users/{id_of('mei')}/password", {"password": "battery staple"}, expect=200)
    answer = door.sign_in("mei", "battery staple").get_json()
    assert answer["must_change_password"] is True

    terms = door.exchange(answer["token"]).get_json()

    assert terms["only"]["segments"] == ["me"]
    assert terms["only"]["else"]["type"] == "/problems/password-change-due"
    signed = {"Authorization": f"Bearer {terms['token']}"}
    assert door.http.get("/users", headers=signed).status_code == 403
    assert door.http.get("/me", headers=signed).get_json()["must_change_password"] is True
    assert change(door, signed, "battery staple", "purple elephants")[0] == 204
    fresh = door.sign_in("mei", "purple elephants").get_json()
    assert fresh["must_change_password"] is False
    assert door.exchange(fresh["token"]).get_json()["only"] is None


@pytest.mark.parametrize(("said", "due"), [({}, True), ({"must_change_password": False}, False)])
def test_a_new_user_changes_the_first_password_unless_told_otherwise(
    admin: Client, door: Door, said: dict[str, bool], due: bool
) -> None:
    new = {"login": "new", "full_name": "New", "role": "supervisor", "password": "battery staple"}
    assert admin.post("/users", **new, **said)["must_change_password"] is due

    assert door.sign_in("new", "battery staple").get_json()["must_change_password"] is due


def test_no_hash_leaves_the_service(stage: Stage, admin: Client, id_of: Callable[[str], int]) -> None:
    admin.call("PUT", f"/users/{id_of('mei')}/password", {"password": "battery staple"}, expect=200)

    with stage.database.reading() as session:
        [kept] = session.scalars(sa.select(UsedPassword.password_hash))
    assert kept.startswith("$argon2id$")
    assert kept not in str(stage.said())
