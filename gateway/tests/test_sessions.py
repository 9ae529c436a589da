"""Sessions at the door: with a token, with a cookie, without identity, and after the end."""

from __future__ import annotations

import threading
from http.cookies import SimpleCookie
from typing import Any

import pytest
from werkzeug.test import Client

from chassis.problems import Unauthenticated
from gateway.app import create_gateway
from gateway.exchange import FRESH_SECONDS, MARGIN_SECONDS, Ask, Exchange
from gateway.settings import GatewaySettings
from gateway.tests.conftest import OWN_PAGE, PASSWORD, Clock, Counted, Person
from gateway.upstream import Answer, Asked

PROMISED_SECONDS = 5.0
SIGNED_SECONDS = 60.0


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"]


def test_without_a_session_every_address_is_closed(somebody: Person) -> None:
    for path in ("/api/me", "/api/users", "/api/opportunities", "/api/reports/contribution"):
        answer = somebody.get(path)
        assert problem(answer) == (401, "/problems/unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert somebody.get("/api/users", {"Authorization": "Bearer guessed"}).status_code == 401


def test_a_program_signs_in_with_a_token(mei: Person) -> None:
    me = mei.get("/api/me")

    assert (me.status_code, me.json["login"]) == (200, "mei")
    assert mei.get("/api/users").status_code == 403


def test_a_wrong_password_is_refused(somebody: Person) -> None:
    assert problem(somebody.sign_in("mei", "wrong password")) == (401, "/problems/wrong-credentials")


def test_a_page_signs_in_with_a_cookie_that_no_script_can_read(somebody: Person) -> None:
    answer = somebody.sign_in("mei", cookie=True)

    assert answer.status_code == 201
    assert "token" not in answer.json
    sent = answer.headers["Set-Cookie"]
    assert sent.startswith("guanxi_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(sent.split("; "))
    assert "Max-Age" not in sent
    assert somebody.get("/api/me").json["login"] == "mei"


def test_who_wants_to_be_remembered_keeps_the_cookie_for_ten_days(somebody: Person) -> None:
    sent = SimpleCookie(somebody.sign_in("mei", cookie=True, remember=True).headers["Set-Cookie"])

    assert 9.9 * 86400 < int(sent["guanxi_session"]["max-age"]) <= 10 * 86400


def test_behind_https_the_cookie_belongs_to_this_host_only(upstreams: dict[str, Counted]) -> None:
    door = create_gateway(upstreams, GatewaySettings(feed_token="between ourselves", https=True))

    sent = Person(door).sign_in("mei", cookie=True).headers["Set-Cookie"]

    assert sent.startswith("__Host-guanxi_session=")
    assert sent.endswith("; Secure")


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {},
])  # fmt: skip
def test_another_sites_page_cannot_use_the_cookie_to_change_anything(
    somebody: Person, headers: dict[str, str], upstreams: dict[str, Counted]
) -> None:
    somebody.sign_in("mei", cookie=True)

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = somebody.ask(method, "/api/opportunities/1", headers, json={})
        assert problem(answer) == (403, "/problems/cross-site")
    assert upstreams["marketing"].asked == []
    assert somebody.get("/api/opportunities/1", headers).status_code == 200


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
])  # fmt: skip
def test_our_own_page_can(somebody: Person, headers: dict[str, str]) -> None:
    somebody.sign_in("mei", cookie=True)

    assert somebody.ask("POST", "/api/opportunities", headers, json={}).status_code == 200


def test_a_bearer_token_needs_no_such_proof(mei: Person) -> None:
    assert mei.ask("POST", "/api/opportunities", {"Sec-Fetch-Site": "cross-site"}, json={}).status_code == 200


def test_another_site_cannot_sign_a_browser_in(somebody: Person) -> None:
    body = {"login": "mei", "password": PASSWORD, "cookie": True}

    answer = somebody.http.post("/api/session", json=body, headers={"Sec-Fetch-Site": "cross-site"})

    assert problem(answer) == (403, "/problems/cross-site")


@pytest.mark.parametrize(("body", "status"), [
    (b'{"login": "mei", "password": "correct horse", "cookie": 1}', 422),
    (b"not json", 400),
    (b"[]", 400),
    (b"", 400),
])  # fmt: skip
def test_what_is_no_sign_in_is_refused(somebody: Person, body: bytes, status: int) -> None:
    answer = somebody.http.post("/api/session", data=body, content_type="application/json")

    assert answer.status_code == status


def test_signing_out_ends_the_session_at_once_and_clears_the_cookie(somebody: Person, mei: Person) -> None:
    mei.get("/api/me")
    assert mei.ask("DELETE", "/api/session").status_code == 204
    assert mei.get("/api/me").status_code == 401

    somebody.sign_in("sue", cookie=True)
    token = somebody.http.get_cookie("guanxi_session")
    assert problem(somebody.ask("DELETE", "/api/session")) == (403, "/problems/cross-site")
    out = somebody.ask("DELETE", "/api/session", OWN_PAGE)
    assert (out.status_code, out.headers["Set-Cookie"].endswith("Max-Age=0")) == (204, True)
    assert token is not None
    assert somebody.get("/api/me", {"Authorization": f"Bearer {token.value}"}).status_code == 401
    assert somebody.ask("DELETE", "/api/session").status_code == 401


def test_a_sign_out_elsewhere_is_noticed_within_the_promise(mei: Person, clock: Clock, upstreams: Any) -> None:
    mei.get("/api/me")
    upstreams["identity"].ask(Asked("DELETE", "/session", headers=[("Authorization", mei.bearer["Authorization"])]))
    assert FRESH_SECONDS < PROMISED_SECONDS

    clock.now += FRESH_SECONDS

    assert mei.get("/api/opportunities").status_code == 401


def test_a_disabled_user_is_out_at_once(admin: Person, mei: Person) -> None:
    me = mei.get("/api/me").json["user_id"]

    assert admin.ask("POST", f"/api/users/{me}/disable").status_code == 200

    assert mei.get("/api/opportunities").status_code == 401


def test_a_changed_right_counts_from_the_next_request_on(admin: Person, mei: Person) -> None:
    assert mei.get("/api/dictionary").status_code == 200
    [role] = admin.get("/api/roles?code=account-manager").json["items"]
    headers = {"If-Match": f'"{role["version"]}"'}

    changed = admin.ask("PUT", f"/api/roles/{role['id']}/rights", headers, json={"rights": []})

    assert changed.status_code == 200
    assert mei.get("/api/dictionary").status_code == 403


def test_without_identity_work_goes_on_for_a_minute_and_then_stops(mei: Person, clock: Clock, upstreams: Any) -> None:
    mei.get("/api/opportunities")
    upstreams["identity"].is_there = False

    clock.now += SIGNED_SECONDS - MARGIN_SECONDS - 1
    assert mei.get("/api/opportunities").status_code == 200
    assert mei.ask("POST", "/api/session", json={}).status_code == 503

    clock.now += 2
    assert problem(mei.get("/api/opportunities")) == (503, "/problems/unavailable")

    upstreams["identity"].is_there = True
    assert mei.get("/api/opportunities").status_code == 200


def test_who_was_never_seen_cannot_work_without_identity(somebody: Person, upstreams: Any) -> None:
    upstreams["identity"].is_there = False

    assert somebody.get("/api/opportunities", {"Authorization": "Bearer unknown"}).status_code == 503


def test_fifty_requests_at_once_ask_identity_once(mei: Person, upstreams: Any, door: Any) -> None:
    statuses: list[int] = []
    gate = threading.Barrier(50)

    def ask() -> None:
        http = Client(door)
        gate.wait()
        statuses.append(http.get("/api/opportunities", headers=mei.bearer).status_code)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 50
    assert upstreams["identity"].asked.count("POST /internal/exchange") == 1


class Slow:
    """Identity that answers only after the session was ended elsewhere in this gateway."""

    def __init__(self) -> None:
        self.meanwhile: Any = None
        self.times = 0

    def ask(self, asked: Asked) -> Answer:
        self.times += 1
        self.meanwhile()
        return Answer(200, [], [b'{"token": "signed", "expires_in": 60}'])


def test_an_answer_that_was_on_its_way_does_not_revive_an_ended_session() -> None:
    clock = Clock()
    slow = Slow()
    exchange = Exchange(slow, "", clock)

    def end() -> None:
        clock.now += 0.1
        exchange.forget("token")

    slow.meanwhile = end

    with pytest.raises(Unauthenticated):
        exchange.signed(Ask("token", "10.0.0.1", "me"))
    with pytest.raises(Unauthenticated):
        exchange.signed(Ask("token", "10.0.0.1", "me"))


def test_an_answer_that_was_on_its_way_while_a_right_changed_is_good_for_one_request() -> None:
    slow, mei = Slow(), Ask("token", "10.0.0.1", "me")
    exchange = Exchange(slow, "", Clock())
    slow.meanwhile = exchange.ask_anew

    exchange.signed(mei)
    slow.meanwhile = lambda: None
    exchange.signed(mei)

    assert slow.times == 2
