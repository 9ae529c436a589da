"""Who is let in, from where and until when; what each refusal says; and where one is signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.caller import Caller
from chassis.principal import Principal, Verifier
from chassis.testing.stage import Client, Stage
from identity.session.model import NOTED_EVERY, Session
from identity.user.model import MOST_FAILED_SIGN_INS, User, is_allowed
from services.identity.tests.conftest import PASSWORD, Door

IdOf = Callable[[str], int]
OFFICE, HOME = "203.0.113.7", "198.51.100.9"


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


def edit(admin: Client, user_id: int, expect: int = 200, **fields: Any) -> Any:
    return admin.call("PATCH", f"/users/{user_id}", fields, expect=expect, headers={"If-Match": "*"})


def failures(stage: Stage) -> list[tuple[Any, str, str]]:
    return [
        (data["user_id"], data["reason"], data["address"])
        for kind, data in stage.said()
        if kind.endswith("sign-in.failed")
    ]


def test_an_expired_account_is_refused_and_told_so(stage: Stage, admin: Client, door: Door, id_of: IdOf) -> None:
    token = door.token("mei")
    edit(admin, id_of("mei"), expires_at="2020-01-01T00:00:00Z")
    stage.said()

    refused = door.sign_in("mei", from_=HOME)

    assert problem(refused) == (403, "account-expired")
    assert refused.get_json()["expired_at"] == "2020-01-01T00:00:00Z"
    assert problem(door.exchange(token)) == (403, "account-expired")
    assert problem(door.sign_in("mei", "wrong password"))[1] == "wrong-credentials"
    assert failures(stage)[0] == (id_of("mei"), "account-expired", HOME)


def test_an_account_is_good_until_the_moment_it_expires(admin: Client, door: Door, id_of: IdOf) -> None:
    edit(admin, id_of("mei"), expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())

    assert door.sign_in("mei").status_code == 201


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ([], "", True),
        ([], "10.0.0.1", True),
        (["10.0.0.0/8"], "10.255.0.1", True),
        (["10.0.0.0/8"], "11.0.0.1", False),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", True),
        (["10.0.0.0/8"], "10.0.0.1:5123", True),
        (["192.0.2.1/32", "2001:db8::/32"], "[2001:db8::7]:443", True),
        (["2001:db8::/32"], "2001:db9::7", False),
        (["10.0.0.0/8"], "somewhere", False),
        (["0.0.0.0/0"], "", False),
    ],
)
def test_an_address_is_in_a_network_however_it_is_spelled(networks: list[str], address: str, allowed: bool) -> None:
    assert is_allowed(address, networks) is allowed


def test_an_account_is_used_only_from_where_it_may(stage: Stage, admin: Client, door: Door, id_of: IdOf) -> None:
    edited = edit(admin, id_of("mei"), allowed_addresses=["203.0.113.9/24", "2001:DB8::/32"])
    assert edited["allowed_addresses"] == ["203.0.113.0/24", "2001:db8::/32"]
    stage.said()

    token = door.sign_in("mei", from_=OFFICE).get_json()["token"]

    assert problem(door.sign_in("mei", from_=HOME)) == (403, "address-not-allowed")
    assert failures(stage) == [(id_of("mei"), "address-not-allowed", HOME)]
    assert door.exchange(token, address=OFFICE).get_json()["is_bound"] is True
    assert problem(door.exchange(token, address=HOME)) == (403, "address-not-allowed")
    assert problem(door.exchange(token)) == (403, "address-not-allowed")
    assert door.exchange(door.token("sue"), address=HOME).get_json()["is_bound"] is False


def test_only_the_gateway_may_say_where_a_client_is(stage: Stage, admin: Client, door: Door, id_of: IdOf) -> None:
    edit(admin, id_of("mei"), allowed_addresses=[OFFICE])
    body = {"login": "mei", "password": PASSWORD}

    for voucher in ({}, {"X-Gateway-Voucher": "guessed"}):
        answer = door.http.post("/session", json=body, headers={"X-Client-Address": OFFICE, **voucher})
        assert problem(answer) == (403, "address-not-allowed")
        assert answer.get_json()["address"] == "127.0.0.1"


@pytest.mark.parametrize("networks", [["10.0.0.0/33"], ["office"], [""], ["10.0.0.1"] * 21, "10.0.0.1"])
def test_what_is_no_network_is_named(admin: Client, id_of: IdOf, networks: Any) -> None:
    found = edit(admin, id_of("mei"), expect=422, allowed_addresses=networks)

    assert found["errors"][0]["pointer"].startswith("/allowed_addresses")


def test_nobody_shuts_the_own_address_out_or_lets_the_own_account_expire(stage: Stage, id_of: IdOf) -> None:
    me = id_of("admin")
    ada = stage.client(Principal(user_id=me, name="Ada", role="administrator", kind="user"))

    assert edit(ada, me, expect=422, allowed_addresses=["10.0.0.0/8"])["errors"][0]["pointer"] == "/allowed_addresses"
    assert edit(ada, me, allowed_addresses=["127.0.0.0/8"])["allowed_addresses"] == ["127.0.0.0/8"]
    assert edit(ada, me, expect=409, expires_at="2030-01-01T00:00:00Z")["type"] == "/problems/not-yourself"


def test_an_administrator_opens_a_lock(stage: Stage, admin: Client, door: Door, id_of: IdOf) -> None:
    for _ in range(MOST_FAILED_SIGN_INS):
        door.sign_in("mei", "wrong password")
    assert problem(door.sign_in("mei")) == (403, "locked")
    stage.said()

    assert admin.post(f"/users/{id_of('mei')}/unlock", expect=200)["locked_until"] is None

    assert door.sign_in("mei").status_code == 201
    assert next(kind for kind, _ in stage.said()) == "crm.identity.user.unlocked"
    version = admin.get(f"/users/{id_of('mei')}")["version"]
    assert admin.post(f"/users/{id_of('mei')}/unlock", expect=200)["version"] == version


def test_every_failure_is_on_record_and_no_unknown_name_is(stage: Stage, door: Door, id_of: IdOf) -> None:
    stage.said()

    door.sign_in("mei", "wrong password", from_=HOME)
    door.sign_in("my secret pass phrase", "x", from_=HOME)

    said = stage.said()
    assert [(data["user_id"], data["login"], data["reason"]) for _, data in said] == [
        (id_of("mei"), "mei", "wrong-credentials"),
        (None, "", "unknown-name"),
    ]
    assert {(data["address"], data["agent"]) for _, data in said} == {(HOME, "pytest")}
    assert "secret" not in str(said)


def test_signing_in_and_out_is_on_record(stage: Stage, door: Door, id_of: IdOf) -> None:
    stage.said()
    door.sign_out(door.sign_in("mei", from_=OFFICE).get_json()["token"])

    (opened, first), (ended, last) = stage.said()

    assert (opened, ended) == ("crm.identity.session.opened", "crm.identity.session.ended")
    assert (first["user_id"], first["login"], first["address"]) == (id_of("mei"), "mei", OFFICE)
    assert (last["session_id"], last["reason"]) == (first["session_id"], "signed-out")


def sessions(door: Door, signed: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = door.http.get("/me/sessions", headers=signed).get_json()["items"]
    return found


def test_i_see_where_i_am_signed_in_and_sign_out_elsewhere(stage: Stage, door: Door) -> None:
    here = door.signed("mei")
    elsewhere = [door.sign_in("mei", from_=HOME, remember=True).get_json()["token"] for _ in range(2)]
    door.token("sue")

    mine = sessions(door, here)
    me = Verifier(stage.settings.keys_file).principal(here["Authorization"])
    assert [one["address"] for one in mine] == [HOME, HOME, "127.0.0.1"]
    assert (mine[0]["is_remembered"], mine[0]["agent"], mine[2]["id"]) == (True, "pytest", me.session_id)

    assert door.http.delete(f"/me/sessions/{mine[0]['id']}", headers=here).status_code == 204
    assert [door.exchange(token).status_code for token in elsewhere] == [200, 401]
    assert door.http.delete(f"/me/sessions/{mine[0]['id']}", headers=here).status_code == 404
    assert door.http.delete("/me/sessions?but_this=true", headers=here).status_code == 204
    assert [one["id"] for one in sessions(door, here)] == [me.session_id]
    assert door.http.delete("/me/sessions", headers=here).status_code == 204
    assert sessions(door, here) == []
    assert stage.count(Session.__table__) == 1


def test_nobody_ends_somebody_elses_session(door: Door) -> None:
    theirs = sessions(door, door.signed("sue"))[0]["id"]

    assert door.http.delete(f"/me/sessions/{theirs}", headers=door.signed("mei")).status_code == 404


def test_an_administrator_sees_and_ends_the_sessions_of_others(
    stage: Stage, admin: Client, door: Door, id_of: IdOf
) -> None:
    tokens = [door.token("mei"), door.token("mei")]
    path = f"/users/{id_of('mei')}/sessions"
    assert admin.get(path)["total"] == 2
    stage.said()

    admin.call("DELETE", path, expect=204)

    assert [door.exchange(token).status_code for token in tokens] == [401, 401]
    assert [data["reason"] for _, data in stage.said()] == ["by-administrator"] * 2


def test_a_session_knows_roughly_when_it_was_last_used(stage: Stage, door: Door) -> None:
    token = door.token("mei")
    before = datetime.now(UTC) - 2 * NOTED_EVERY
    with stage.database.connection() as connection:
        connection.execute(sa.update(Session).values(last_used_at=before))

    door.exchange(token)

    with stage.database.reading() as session:
        assert session.scalar(sa.select(Session.last_used_at)) > datetime.now(UTC) - timedelta(minutes=1)


def test_a_deleted_user_is_out_and_stays_on_record(stage: Stage, admin: Client, door: Door, id_of: IdOf) -> None:
    token, jun = door.token("jun"), id_of("jun")
    stage.said()

    admin.call("DELETE", f"/users/{jun}", expect=204, headers={"If-Match": "*"})

    assert door.exchange(token).status_code == 401
    assert problem(door.sign_in("jun")) == (401, "wrong-credentials")
    assert [kind.rpartition(".")[2] for kind, _ in stage.said()][:2] == ["ended", "deleted"]
    kept = admin.get(f"/users/{jun}")
    assert (kept["status"], kept["is_active"], kept["has_password"]) == (2, False, False)
    assert admin.get("/users?login=jun")["total"] == 0
    assert admin.get("/users?login=jun&status=2")["total"] == 1
    assert edit(admin, jun, expect=409, full_name="Jun")["type"] == "/problems/account-deleted"
    admin.call("PUT", f"/users/{jun}/password", {"password": "battery staple"}, expect=409)
    for action in ("enable", "disable", "unlock"):
        admin.post(f"/users/{jun}/{action}", expect=409)
    assert not any(one["allowed"] for one in kept["actions"])


def test_whoever_leads_somebody_is_not_deleted(admin: Client, id_of: IdOf) -> None:
    any_version = {"If-Match": "*"}
    for login, reports, units in (("sam", 1, 1), ("max", 0, 1)):
        refused = admin.call("DELETE", f"/users/{id_of(login)}", expect=409, headers=any_version)
        assert (refused["type"], refused["reports"], refused["units"]) == ("/problems/still-leads", reports, units)

    edit(admin, id_of("jun"), manager_id=id_of("mei"))
    [unit] = admin.get(f"/units?head_id={id_of('sam')}")["items"]
    admin.patch(f"/units/{unit['id']}", version=unit["version"], head_id=id_of("mei"))
    admin.call("DELETE", f"/users/{id_of('sam')}", expect=204, headers=any_version)


def test_nobody_deletes_himself(stage: Stage, id_of: IdOf) -> None:
    me = id_of("admin")
    ada = stage.client(Principal(user_id=me, name="Ada", role="administrator", kind="user"))

    refused = ada.call("DELETE", f"/users/{me}", expect=409, headers={"If-Match": "*"})

    assert refused["type"] == "/problems/not-yourself"


def test_what_the_system_does_itself_comes_from_nowhere(stage: Stage) -> None:
    with stage.doing() as tx:
        assert tx.caller == Caller("", "")
        assert tx.row(sa.select(User.id)) is not None
