"""Sending to an address outside: signed, never to ourselves, and honest about what is known afterwards."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import time
from datetime import timedelta

import pytest
import urllib3

from chassis import posting
from chassis.effects import Answer, Outcome
from chassis.posting import Courier, NotAllowed, Target, lies_inside, new_secret, signature
from chassis.testing.receiver import Reply, Request, Script, receiving

SECRET = new_secret(b"k" * 32)
BODY = b'{"type":"order.placed"}'
HERE = ["127.0.0.1", "localhost"]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT", urllib3.Timeout(connect=0.5, read=0.5))


def always(reply: Reply) -> Script:
    return lambda _request: reply


def delivered(script: Script) -> tuple[Answer, list[Request]]:
    with receiving(script) as receiver:
        answer = Courier(HERE).deliver(Target(receiver.url, SECRET), "event.1", BODY)
        return answer, receiver.received


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200, "thanks"), Outcome.DONE),
        (Reply(204), Outcome.DONE),
        (Reply(409, "had it"), Outcome.DONE),
        (Reply(400, "what?"), Outcome.NOT_DONE),
        (Reply(404), Outcome.NOT_DONE),
        (Reply(410), Outcome.REFUSED),
        (Reply(429), Outcome.NOT_DONE),
        (Reply(503), Outcome.NOT_DONE),
        (Reply(500, "oh"), Outcome.UNCLEAR),
        (Reply(502), Outcome.UNCLEAR),
        (Reply(302, headers={"location": "http://127.0.0.1:1/elsewhere"}), Outcome.NOT_DONE),
        (Reply(200, is_cut=True), Outcome.UNCLEAR),
        (Reply(200, "too late", after_seconds=3), Outcome.UNCLEAR),
    ],
    ids=lambda one: (
        f"{one.status}{' cut' * one.is_cut}{' late' * bool(one.after_seconds)}" if isinstance(one, Reply) else one
    ),
)
def test_what_is_known_after_an_answer(reply: Reply, outcome: Outcome) -> None:
    answer, received = delivered(always(reply))

    assert answer.outcome == outcome
    assert len(received) == 1, "it is sent once, whatever comes of it"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200), Outcome.DONE),
        (Reply(404), Outcome.NOT_DONE),
        (Reply(405), Outcome.UNCLEAR),
        (Reply(500), Outcome.UNCLEAR),
        (Reply(200, is_cut=True), Outcome.UNCLEAR),
        (Reply(200, after_seconds=3), Outcome.UNCLEAR),
    ],
)
def test_what_is_known_after_a_question(reply: Reply, outcome: Outcome) -> None:
    with receiving(always(reply)) as receiver:
        answer = Courier(HERE).has_arrived(Target(receiver.url, SECRET), "event.1")

    assert answer.outcome == outcome
    assert [(one.method, one.headers["webhook-id"], one.body) for one in receiver.received] == [("GET", "event.1", b"")]


def test_a_delivery_is_signed_as_standard_webhooks_has_it() -> None:
    _, (sent,) = delivered(always(Reply(200)))

    name, at, version_and_sign = (sent.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, f"{name}.{at}.".encode() + sent.body, hashlib.sha256).digest()
    assert version_and_sign == f"v1,{base64.b64encode(expected).decode()}"
    assert abs(int(at) - time.time()) < 60
    assert (sent.body, sent.headers["content-type"], name) == (BODY, "application/json", "event.1")


def test_the_signature_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_address_is_kept_as_it_was_given() -> None:
    with receiving(always(Reply(200))) as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost") + "/a%20b?key=1&more=x"
        Courier(HERE).deliver(Target(url, SECRET), "event.1", BODY)
        (sent,) = receiver.received

    assert sent.path == "/hook/a%20b?key=1&more=x"
    assert sent.headers["host"] == f"localhost:{receiver.server_port}"


def test_nobody_at_home_is_not_done() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        answer = Courier(HERE).deliver(Target(f"http://127.0.0.1:{closed.getsockname()[1]}/", SECRET), "e", BODY)

    assert answer.outcome == Outcome.NOT_DONE


def test_a_name_that_nobody_has_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_named: object) -> None:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert Courier().deliver(Target("http://erp.example/", SECRET), "e", BODY).outcome == Outcome.NOT_DONE


def test_without_a_certificate_nothing_is_sent() -> None:
    with receiving(always(Reply(200))) as receiver:
        url = receiver.url.replace("http://", "https://")
        answer = Courier(HERE).deliver(Target(url, SECRET), "e", BODY)

    assert answer.outcome == Outcome.NOT_DONE
    assert receiver.received == []


def test_the_outside_may_ask_for_time_but_not_for_ever() -> None:
    waits = [
        delivered(always(Reply(429, headers={"retry-after": text})))[0].wait for text in ("90", "9999999", "later")
    ]

    assert waits == [timedelta(seconds=90), posting.LONGEST_WAIT, None]


def test_a_long_answer_is_cut() -> None:
    answer, _ = delivered(always(Reply(200, "x" * 100_000)))

    assert len(answer.told) < 250


NOBODY = "0.0.0.0"  # noqa: S104  (an address that must be refused)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", NOBODY, "[::1]", "[::ffff:127.0.0.1]"])
def test_it_never_calls_ourselves(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not(*_arguments: object, **_named: object) -> None:
        raise AssertionError("nothing may be sent")

    monkeypatch.setattr(urllib3.HTTPConnectionPool, "urlopen", must_not)

    answer = Courier().deliver(Target(f"http://{host}:9/", SECRET), "e", BODY)

    assert (answer.outcome, answer.told) == (Outcome.REFUSED, NotAllowed.title)


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.1.2.3", False), ("192.168.0.9", False), ("8.8.8.8", False), ("fe80::1%eth0", True), ("224.0.0.1", True)],
)
def test_another_system_of_the_firm_is_outside_and_the_plumbing_is_not(address: str, inside: bool) -> None:
    assert lies_inside(address) is inside
