"""Signing in and out, the exchange for a signed token, and everybody who is kept out."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import sqlalchemy as sa

from chassis.principal import Verifier
from chassis.problems import Unauthenticated
from chassis.testing.stage import Client, Stage
from identity.session.commands import sweep_sessions
from identity.session.model import LASTS, LASTS_REMEMBERED, Session, fingerprint
from identity.user.model import LOCKED_FOR, MOST_FAILED_SIGN_INS, User
from services.identity.tests.conftest import PASSWORD, Door


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["type"]


def test_who_signs_in_gets_a_token_of_which_only_a_fingerprint_is_kept(stage: Stage, door: Door) -> None:
    answer = door.sign_in("mei")

    body = answer.get_json()
    assert answer.status_code == 201
    assert body["user"]["role"] == "account-manager"
    assert len(body["token"]) >= 43
    with stage.database.reading() as session:
        [kept] = session.scalars(sa.select(Session.token_hash))
    assert kept == fingerprint(body["token"])
    assert body["token"] not in kept


@pytest.mark.parametrize(("remember", "lasts"), [(False, LASTS), (True, LASTS_REMEMBERED)])
def test_a_session_lasts_twelve_hours_or_ten_days(door: Door, remember: bool, lasts: timedelta) -> None:
    expires = datetime.fromisoformat(door.sign_in("mei", remember=remember).get_json()["expires_at"])

    assert abs(expires - datetime.now(UTC) - lasts) < timedelta(minutes=1)


def test_a_wrong_name_and_a_wrong_password_are_told_alike(door: Door) -> None:
    wrong_name, wrong_password = door.sign_in("nobody"), door.sign_in("mei", "wrong password")

    assert problem(wrong_name) == problem(wrong_password) == (401, "/problems/wrong-credentials")
    assert wrong_name.get_json() == wrong_password.get_json()


def test_a_wrong_name_takes_as_long_as_a_wrong_password(door: Door) -> None:
    def seconds(login: str) -> float:
        began = time.process_time()
        door.sign_in(login, "wrong password")
        return time.process_time() - began

    seconds("nobody")
    nobody = statistics.median(seconds("nobody") for _ in range(4))
    somebody = statistics.median(seconds("mei") for _ in range(4))

    assert 0.4 < nobody / somebody < 2.5


def test_who_has_no_password_yet_cannot_sign_in(admin: Client, door: Door) -> None:
    admin.post("/users", login="new", full_name="New", role="supervisor")

    assert problem(door.sign_in("new", "anything goes"))[0] == 401


def test_five_wrong_passwords_lock_the_account_for_fifteen_minutes(stage: Stage, door: Door) -> None:
    for _ in range(MOST_FAILED_SIGN_INS):
        assert problem(door.sign_in("mei", "wrong password"))[0] == 401

    locked = door.sign_in("mei")

    assert problem(locked) == (403, "/problems/locked")
    until = datetime.fromisoformat(locked.get_json()["locked_until"])
    assert abs(until - datetime.now(UTC) - LOCKED_FOR) < timedelta(minutes=1)
    assert 0 < int(locked.headers["Retry-After"]) <= LOCKED_FOR.total_seconds()
    assert [kind for kind, _ in stage.said()][-2:] == ["crm.identity.user.locked", "crm.identity.sign-in.failed"]
    assert door.sign_in("sue").status_code == 201


def test_a_lock_opens_by_itself_and_the_count_begins_again(stage: Stage, door: Door) -> None:
    for _ in range(MOST_FAILED_SIGN_INS):
        door.sign_in("mei", "wrong password")
    with stage.database.connection() as connection:
        connection.execute(sa.update(User).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))

    assert problem(door.sign_in("mei", "wrong password"))[0] == 401
    assert door.sign_in("mei").status_code == 201


def test_a_right_password_in_between_begins_the_count_again(door: Door) -> None:
    for _ in range(2):
        for _ in range(MOST_FAILED_SIGN_INS - 1):
            door.sign_in("mei", "wrong password")
        assert door.sign_in("mei").status_code == 201


def test_parallel_sign_ins_are_all_answered(door: Door) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(door.sign_in("mei").status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [201] * 8


def test_the_exchange_gives_a_signed_token_with_rights_and_scope(stage: Stage, door: Door) -> None:
    answer = door.exchange(door.token("mei")).get_json()

    principal = Verifier(stage.settings.keys_file).principal(f"Bearer {answer['token']}")
    assert (principal.name, principal.role, principal.scope) == ("Mei Manager", "account-manager", "own")
    assert principal.has("plan:execute")
    assert not principal.has("opportunity:assign")
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == answer["expires_in"] == 60


def test_only_the_gateway_may_exchange(door: Door) -> None:
    token = door.token("mei")

    assert door.exchange(token, feed_token="guessed").status_code == 401
    assert door.http.post("/internal/exchange", json={"token": token}).status_code == 401


@pytest.mark.parametrize("token", ["", None, 7, "x" * 300])
def test_what_is_no_token_is_refused(door: Door, token: Any) -> None:
    assert door.exchange(token).status_code == 422


def test_an_unknown_token_is_worth_nothing(door: Door) -> None:
    assert problem(door.exchange("unknown"))[0] == 401


def test_after_signing_out_the_token_is_worth_nothing(door: Door) -> None:
    token = door.token("mei")

    assert door.sign_out(token).status_code == 204
    assert door.exchange(token).status_code == 401
    assert door.sign_out(token).status_code == 204
    assert door.http.delete("/session").status_code == 401


def test_an_expired_session_is_worth_nothing_and_is_swept(stage: Stage, door: Door) -> None:
    token = door.token("mei")
    with stage.database.connection() as connection:
        connection.execute(sa.update(Session).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    assert door.exchange(token).status_code == 401
    with stage.doing() as tx:
        assert sweep_sessions(tx) == "1 expired sessions"
    assert stage.count(Session.__table__) == 0


def test_a_disabled_user_is_out_at_once_and_enabling_revives_no_session(
    admin: Client, door: Door, id_of: Callable[[str], int]
) -> None:
    token = door.token("mei")

    admin.post(f"/users/{id_of('mei')}/disable", expect=200)

    assert door.exchange(token).status_code == 401
    assert problem(door.sign_in("mei")) == (403, "/problems/account-disabled")
    assert problem(door.sign_in("mei", "wrong password"))[0] == 401
    admin.post(f"/users/{id_of('mei')}/enable", expect=200)
    assert door.exchange(token).status_code == 401
    assert door.sign_in("mei").status_code == 201


def test_the_holders_of_a_disabled_role_are_out_until_it_is_enabled(admin: Client, door: Door) -> None:
    token = door.token("eve")
    role = next(role for role in admin.get("/roles")["items"] if role["code"] == "executive")

    admin.post(f"/roles/{role['id']}/disable", expect=200)
    assert door.exchange(token).status_code == 401
    assert problem(door.sign_in("eve")) == (403, "/problems/account-disabled")

    admin.post(f"/roles/{role['id']}/enable", expect=200)
    assert door.exchange(token).status_code == 200


def test_a_changed_right_is_in_the_next_signed_token(stage: Stage, admin: Client, door: Door) -> None:
    token = door.token("eve")
    role = next(role for role in admin.get("/roles")["items"] if role["code"] == "executive")
    headers = {"If-Match": f'"{role["version"]}"'}

    admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": ["report:loss"]}, expect=200, headers=headers)

    verifier = Verifier(stage.settings.keys_file)
    signed = door.exchange(token).get_json()["token"]
    assert verifier.principal(f"Bearer {signed}").rights == {"report:loss"}


def test_subtree_scope_carries_everybody_below(
    stage: Stage, admin: Client, door: Door, id_of: Callable[[str], int]
) -> None:
    lee = admin.post("/users", login="lee", full_name="Lee", role="account-manager", manager_id=id_of("mei"))
    admin.post("/users", login="ann", full_name="Ann", role="account-manager")
    role = next(role for role in admin.get("/roles")["items"] if role["code"] == "supervisor")
    admin.patch(f"/roles/{role['id']}", version=role["version"], data_scope="subtree")

    signed = door.exchange(door.token("sue")).get_json()["token"]

    team = Verifier(stage.settings.keys_file).principal(f"Bearer {signed}").team
    assert team == {lee["id"], *(id_of(login) for login in ("mei", "sam", "jun"))}


def test_me_tells_who_i_am_what_i_may_do_and_my_menu(door: Door) -> None:
    me = door.http.get("/me", headers=door.signed("eve")).get_json()

    assert (me["login"], me["role"], me["scope"], "report:loss" in me["rights"]) == ("eve", "executive", "all", True)
    assert "L04" in [module["code"] for module in me["menu"]]
    assert "L06" not in [module["code"] for module in me["menu"]]
    assert door.http.get("/me").status_code == 401


def test_who_changes_the_own_password_must_know_the_old_one(door: Door) -> None:
    token, signed = door.token("mei"), door.signed("mei")

    def change(old: str, new: str) -> int:
        body = {"old_password": old, "new_password": new}
        status: int = door.http.put("/me/password", json=body, headers=signed).status_code
        return status

    assert change("wrong password", "battery staple") == 401
    assert change(PASSWORD, "short") == 422
    assert change(PASSWORD, "battery staple") == 204
    assert door.exchange(token).status_code == 401
    assert door.sign_in("mei").status_code == 401
    assert door.sign_in("mei", "battery staple").status_code == 201


def test_a_token_signed_by_somebody_else_is_refused(stage: Stage, door: Door, tmp_path: Any) -> None:
    from identity.keys import Signer, generate_keys

    generate_keys(tmp_path / "other")
    verifier = Verifier(stage.settings.keys_file)
    mei = verifier.principal(door.signed("mei")["Authorization"])
    forged = Signer(tmp_path / "other/signing.pem").token(mei)

    with pytest.raises(Unauthenticated):
        verifier.principal(f"Bearer {forged}")


def test_keys_are_made_once_and_the_private_one_is_private(tmp_path: Any) -> None:
    from identity.keys import generate_keys

    generate_keys(tmp_path / "keys")
    first = (tmp_path / "keys/keys.json").read_text()
    generate_keys(tmp_path / "keys")

    assert (tmp_path / "keys/keys.json").read_text() == first
    assert (tmp_path / "keys/signing.pem").stat().st_mode & 0o777 == 0o600
    assert '"d"' not in first
