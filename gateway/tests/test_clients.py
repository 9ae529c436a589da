"""From where a client comes: what the gateway believes, what it tells identity, and what identity makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from chassis.problems import Unauthenticated
from chassis.settings import HalfSet
from gateway.app import create_gateway
from gateway.exchange import FRESH_SECONDS, Ask, Exchange, Refused
from gateway.settings import GatewaySettings
from gateway.tests.conftest import FEED_TOKEN, PASSWORD, Clock, Counted, Person
from gateway.upstream import Answer, Asked

ANY = {"If-Match": "*"}


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition("/")[2]


def allow(admin: Person, login: str, *networks: str) -> None:
    [user] = admin.get(f"/api/users?login={login}").json["items"]
    answer = admin.ask("PATCH", f"/api/users/{user['id']}", ANY, json={"allowed_addresses": networks})
    assert answer.status_code == 200


def test_a_client_cannot_say_where_it_is(admin: Person, mei: Person, clock: Clock) -> None:
    allow(admin, "mei", "10.0.0.0/8")
    clock.now += FRESH_SECONDS

    for name in ("X-Forwarded-For", "X-Client-Address", "Forwarded"):
        assert problem(mei.get("/api/me", {name: "10.1.2.3"})) == (403, "address-not-allowed")


def test_behind_a_proxy_of_our_own_its_word_counts_and_no_other(upstreams: dict[str, Counted], admin: Person) -> None:
    allow(admin, "mei", "10.0.0.0/8")
    door = create_gateway(upstreams, GatewaySettings(feed_token=FEED_TOKEN, trusted_proxies=1))

    def status(forwarded: str) -> int:
        http = Client(door)
        body = {"login": "mei", "password": PASSWORD}
        return http.post("/api/session", json=body, headers={"X-Forwarded-For": forwarded}).status_code

    assert status("10.1.2.3") == 201
    assert status("10.1.2.3:49152") == 201
    assert status("10.1.2.3, 192.0.2.1") == 403
    assert status("192.0.2.1, 10.1.2.3") == 201


def test_the_secret_between_ourselves_goes_to_identity_only(mei: Person) -> None:
    seen = mei.get("/api/opportunities").json["seen"]

    assert not any(FEED_TOKEN in value for value in seen.values())
    assert "HTTP_X_GATEWAY_VOUCHER" not in seen


class Identity:
    """Answers as identity would to an account that is bound to an address."""

    def __init__(self, **terms: Any) -> None:
        self.terms = {"token": "signed", "expires_in": 60, **terms}
        self.asked: list[str] = []

    def ask(self, asked: Asked) -> Answer:
        import msgspec

        assert asked.body is not None
        address = msgspec.json.decode(asked.body.read(asked.length))["address"]
        self.asked.append(address)
        if address.startswith("11."):
            return Answer(403, [], [b'{"type": "/problems/address-not-allowed", "status": 403}'])
        return Answer(200, [], [msgspec.json.encode(self.terms)])


def test_what_holds_for_one_address_is_not_believed_of_another() -> None:
    identity = Identity(is_bound=True)
    exchange = Exchange(identity, "", Clock())

    assert exchange.signed(Ask("t", "10.0.0.1", "me")) == "signed"
    with pytest.raises(Refused):
        exchange.signed(Ask("t", "11.0.0.1", "me"))
    assert exchange.signed(Ask("t", "10.0.0.1", "me")) == "signed"
    assert identity.asked == ["10.0.0.1", "11.0.0.1", "10.0.0.1"]


def test_a_refusal_of_one_address_keeps_nobody_else_out() -> None:
    exchange = Exchange(Identity(), "", Clock())

    with pytest.raises(Refused):
        exchange.signed(Ask("t", "11.0.0.1", "me"))

    assert exchange.signed(Ask("t", "10.0.0.1", "me")) == "signed"


def test_an_account_without_networks_is_asked_about_once_wherever_it_is() -> None:
    identity = Identity()
    exchange = Exchange(identity, "", Clock())

    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        exchange.signed(Ask("t", address, "me"))

    assert identity.asked == ["10.0.0.1"]


def test_without_identity_an_answer_for_one_address_serves_no_other() -> None:
    from chassis.problems import Unavailable

    identity, clock = Identity(is_bound=True), Clock()
    exchange = Exchange(identity, "", clock)
    exchange.signed(Ask("t", "10.0.0.1", "me"))

    def away(_: Asked) -> Answer:
        raise Unavailable(detail="switched off")

    identity.ask = away  # type: ignore[method-assign]
    clock.now += FRESH_SECONDS

    assert exchange.signed(Ask("t", "10.0.0.1", "me")) == "signed"
    with pytest.raises(Unavailable):
        exchange.signed(Ask("t", "10.0.0.2", "me"))


def test_a_session_on_terms_opens_these_paths_and_answers_others_with_the_reason() -> None:
    reason = {"type": "/problems/password-change-due", "status": 403}
    exchange = Exchange(Identity(only={"segments": ["me"], "else": reason}), "", Clock())

    assert exchange.signed(Ask("t", "10.0.0.1", "me")) == "signed"
    with pytest.raises(Refused) as refused:
        exchange.signed(Ask("t", "10.0.0.1", "users"))
    assert refused.value.body() == reason
    exchange.forget("t")
    with pytest.raises(Unauthenticated):
        exchange.signed(Ask("t", "10.0.0.1", "me"))


def test_a_given_password_opens_only_the_own_account(admin: Person, somebody: Person, clock: Clock) -> None:
    [user] = admin.get("/api/users?login=mei").json["items"]
    admin.ask("PUT", f"/api/users/{user['id']}/password", json={"password": "battery staple"})
    assert somebody.sign_in("mei", "battery staple").json["must_change_password"] is True

    assert problem(somebody.get("/api/opportunities")) == (403, "password-change-due")
    assert problem(somebody.get("/api/users")) == (403, "password-change-due")
    changed = {"old_password": "battery staple", "new_password": "purple elephants"}
    assert somebody.ask("PUT", "/api/me/password", json=changed).status_code == 204
    clock.now += FRESH_SECONDS
    assert somebody.get("/api/me").status_code == 401
    assert somebody.sign_in("mei", "purple elephants").status_code == 201
    assert somebody.get("/api/opportunities").status_code == 200


def test_an_expired_account_is_told_so_on_every_call(admin: Person, mei: Person, clock: Clock) -> None:
    mei.get("/api/opportunities")
    [user] = admin.get("/api/users?login=mei").json["items"]
    admin.ask("PATCH", f"/api/users/{user['id']}", ANY, json={"expires_at": "2020-01-01T00:00:00Z"})
    clock.now += FRESH_SECONDS

    answer = mei.get("/api/opportunities")

    assert problem(answer) == (403, "account-expired")
    assert answer.json["expired_at"] == "2020-01-01T00:00:00Z"


def test_every_refused_attempt_counts_against_the_address(upstreams: dict[str, Counted], admin: Person) -> None:
    allow(admin, "mei", "10.0.0.0/8")
    settings = GatewaySettings(feed_token=FEED_TOKEN, failed_sign_ins="2/hour")
    person = Person(create_gateway(upstreams, settings))

    statuses = [person.sign_in("mei").status_code for _ in range(3)]

    assert statuses == [403, 403, 429]


def test_embedded_mode_reads_how_clients_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_TRUSTED_PROXIES", "2")
    monkeypatch.setenv("GUANXI_HTTPS", "true")

    found = GatewaySettings.in_one_process(feed_token="x", demo_password="")

    assert (found.trusted_proxies, found.https, found.requests) == (2, True, GatewaySettings.requests)
    monkeypatch.setenv("GUANXI_TRUSTED_PROXIES", "some")
    with pytest.raises(HalfSet):
        GatewaySettings.in_one_process(feed_token="x", demo_password="")
