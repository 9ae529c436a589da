"""What comes through the door and what stays outside, in this process and over HTTP."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.test import Client

from chassis.principal import Verifier
from chassis.problems import TooManyRequests, Unavailable
from chassis.settings import HalfSet
from gateway.app import create_gateway
from gateway.breaker import FAILURES_TO_OPEN, PAUSE_SECONDS, Breaker
from gateway.forward import LARGEST_BODY
from gateway.limits import Allowance, Windows
from gateway.routes import SERVICES, owner_of
from gateway.settings import GatewaySettings
from gateway.tests.conftest import FEED_TOKEN, Clock, Counted, Person, echo
from gateway.upstream import Asked, HttpUpstream, WsgiUpstream

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


SHEET = [("Content-Type", "text/csv"), ("X-Content-Type-Options", "nosniff")]


class Noise:
    """A service with a large answer, a redirect, and a body it counts."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/products/large":
            start_response("200 OK", [*SHEET, ("Content-Length", str(5_000_000))])
            return (b"x" * 50_000 for _ in range(100))
        if path == "/products/elsewhere":
            start_response("302 Found", [("Location", "http://evil.example/")])
            return [b""]
        return echo(environ, start_response)


@pytest.fixture(params=["embedded", "http"])
def customer(request: pytest.FixtureRequest, upstreams: dict[str, Counted]) -> Iterator[Counted]:
    """The customer service's place, taken once by a call in this process and once by a real server."""
    if request.param == "embedded":
        upstreams["customer"] = Counted(WsgiUpstream(Noise()))
        yield upstreams["customer"]
        return
    server = make_server("127.0.0.1", 0, Noise(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upstreams["customer"] = Counted(HttpUpstream(f"http://127.0.0.1:{server.port}"))
    yield upstreams["customer"]
    server.shutdown()
    server.server_close()


@pytest.fixture
def ann(customer: Counted, upstreams: dict[str, Counted], settings: GatewaySettings) -> Person:
    person = Person(create_gateway(upstreams, settings))
    assert person.sign_in("mei").status_code == 201
    return person


def seen(answer: Any) -> dict[str, str]:
    found: dict[str, str] = answer.json["seen"]
    return found


def test_a_file_comes_through_block_by_block_with_our_own_security_headers_once(ann: Person) -> None:
    answer = ann.ask("GET", "/api/products/large")

    assert len(answer.data) == 5_000_000
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Content-Length"] == "5000000"


def test_a_request_arrives_with_method_path_query_and_body(ann: Person) -> None:
    answer = ann.ask("PATCH", "/api/customers/KH%20%E5%BC%A0/contacts?q=a%20b&q=c", {"If-Match": '"3"'}, json={"n": 1})

    arrived = seen(answer)
    assert (arrived["REQUEST_METHOD"], arrived["QUERY_STRING"]) == ("PATCH", "q=a%20b&q=c")
    assert arrived["PATH_INFO"].encode("latin-1").decode() == "/customers/KH 张/contacts"
    assert (json.loads(answer.json["body"]), arrived["HTTP_IF_MATCH"]) == ({"n": 1}, '"3"')
    assert arrived["CONTENT_TYPE"] == "application/json"


def test_the_service_gets_a_signed_token_and_nothing_that_was_forged(ann: Person, keys_file: Path) -> None:
    forged = {
        "X-User-Id": "1",
        "X-Forwarded-For": "10.0.0.1",
        "X-Internal-Role": "administrator",
        "Cookie": "a=b",
        "Forwarded": "for=10.0.0.1",
        "Connection": "keep-alive, If-None-Match",
        "Transfer-Coding": "x",
    }

    arrived = seen(ann.get("/api/customers", forged))

    principal = Verifier(keys_file).principal(arrived["HTTP_AUTHORIZATION"])
    assert principal.role == "account-manager"
    told = {name for name in arrived if name.startswith("HTTP_")}
    assert told <= {"HTTP_AUTHORIZATION", "HTTP_TRACEPARENT", "HTTP_HOST", "HTTP_USER_AGENT", "HTTP_ACCEPT_ENCODING"}
    assert ann.bearer["Authorization"].split()[1] not in str(arrived)


def test_hop_by_hop_headers_stay_behind_and_the_rest_comes_back(ann: Person) -> None:
    headers = ann.get("/api/customers/hop").headers

    assert headers["ETag"] == '"7"'
    assert not {"Connection", "X-Hop", "Keep-Alive", "Set-Cookie", "Server"} & set(headers.keys())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_a_trace_goes_on_and_is_told(ann: Person) -> None:
    answer = ann.get("/api/customers", {"traceparent": TRACE})

    assert answer.headers["X-Trace-Id"] == TRACE[3:35]
    assert seen(answer)["HTTP_TRACEPARENT"][3:35] == TRACE[3:35]
    assert len(ann.get("/api/customers", {"traceparent": "nonsense"}).headers["X-Trace-Id"]) == 32


def test_a_large_answer_comes_through_whole(ann: Person) -> None:
    answer = ann.get("/api/products/large")

    assert (answer.status_code, len(answer.data)) == (200, 5_000_000)


def test_a_redirect_is_passed_on_and_not_followed(ann: Person) -> None:
    assert ann.get("/api/products/elsewhere").status_code == 302


def test_a_large_request_comes_through_and_a_larger_one_is_refused(ann: Person) -> None:
    assert len(ann.ask("POST", "/api/orders/bulk", data=b"y" * 3_000_000).json["body"]) == 3_000_000

    for length, status in ((str(LARGEST_BODY + 1), 413), ("many", 400)):
        refused = ann.ask("POST", "/api/orders/bulk", environ_overrides={"CONTENT_LENGTH": length})
        assert refused.status_code == status


def test_a_body_in_chunks_comes_through(ann: Person) -> None:
    headers = {"Transfer-Encoding": "chunked"}
    stream = io.BytesIO(b"in chunks")

    answer = ann.ask("POST", "/api/orders", headers, input_stream=stream)

    assert answer.json["body"] == "in chunks"


@pytest.mark.parametrize("path", [
    "/api/internal/exchange",
    "/api/metrics",
    "/api/readyz",
    "/api/feed",
    "/internal/exchange",
    "/internal/bus/v1/log",
    "/api/customers/../internal/bus/v1/log",
    "/api/customers/%2e%2e/internal/bus/v1/log",
    "/api/customers%2F..%2Finternal/exchange",
    "/api/customers//x",
    "/api/customers/./x",
    "/api//customers",
    "/api/nothing",
    "/api/",
])  # fmt: skip
def test_what_is_not_in_the_table_cannot_be_reached(ann: Person, upstreams: dict[str, Counted], path: str) -> None:
    for method in ("GET", "POST"):
        answer = ann.ask(method, path)
        assert answer.status_code in (404, 405), path
    assert not [call for one in upstreams.values() for call in one.asked if "internal/bus" in call]
    assert upstreams["customer"].asked == []


def test_the_metrics_at_the_door_are_the_doors(ann: Person) -> None:
    ann.get("/api/customers")

    text = ann.get("/metrics").text

    assert 'http_requests_total{method="GET",route="customers",service="gateway",status="200"}' in text


def test_an_unknown_method_is_refused(ann: Person) -> None:
    assert ann.ask("TRACE", "/api/customers").status_code == 405


def test_a_service_that_does_not_answer_is_a_503_of_that_module_only(
    upstreams: dict[str, Counted], settings: GatewaySettings
) -> None:
    with_nobody = HttpUpstream("http://127.0.0.1:9")
    upstreams["customer"] = Counted(with_nobody)
    mei = Person(create_gateway(upstreams, settings))
    mei.sign_in("mei")

    for _ in range(FAILURES_TO_OPEN + 2):
        answer = mei.get("/api/customers")
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
        assert answer.headers["Retry-After"] == "2"
    assert mei.get("/api/opportunities").status_code == 200


def test_a_breaker_opens_after_silence_lets_one_probe_through_and_closes_again() -> None:
    clock = Clock()
    breaker = Breaker("customer", clock)
    for _ in range(FAILURES_TO_OPEN):
        breaker.must_be_closed()
        breaker.failed()
    with pytest.raises(Unavailable):
        breaker.must_be_closed()

    clock.now += PAUSE_SECONDS
    breaker.must_be_closed()
    with pytest.raises(Unavailable):
        breaker.must_be_closed()

    breaker.succeeded()
    for _ in range(3):
        breaker.must_be_closed()


def test_a_failed_probe_opens_the_breaker_again() -> None:
    clock = Clock()
    breaker = Breaker("customer", clock)
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed()

    clock.now += PAUSE_SECONDS
    breaker.must_be_closed()
    breaker.failed()

    with pytest.raises(Unavailable):
        breaker.must_be_closed()


def test_an_embedded_service_that_breaks_tells_nothing_outside(
    upstreams: dict[str, Counted], settings: GatewaySettings, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise RuntimeError("secret")

    upstreams["customer"] = Counted(WsgiUpstream(broken))
    mei = Person(create_gateway(upstreams, settings))
    mei.sign_in("mei")

    answer = mei.get("/api/customers")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "secret" in caplog.text


def test_too_many_failed_sign_ins_from_one_address_are_refused(upstreams: dict[str, Counted]) -> None:
    settings = GatewaySettings(feed_token=FEED_TOKEN, failed_sign_ins="2/minute", trusted_proxies=1)
    client = Client(create_gateway(upstreams, settings))

    def try_once(password: str, hops: str) -> Any:
        headers = {"X-Forwarded-For": hops}
        return client.post("/api/session", json={"login": "sue", "password": password}, headers=headers)

    assert [try_once("wrong password", "1.1.1.1").status_code for _ in range(3)] == [401, 401, 429]
    refused = try_once("correct horse", "9.9.9.9, 1.1.1.1")
    assert (refused.status_code, refused.json["type"]) == (429, "/problems/too-many-requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert try_once("correct horse", "1.1.1.1, 2.2.2.2").status_code == 201


def test_all_attempts_together_have_a_limit_too(upstreams: dict[str, Counted]) -> None:
    settings = GatewaySettings(feed_token=FEED_TOKEN, sign_ins="2/minute")
    client = Client(create_gateway(upstreams, settings))
    body = {"login": "sue", "password": "correct horse"}

    statuses = [client.post("/api/session", json=body).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]


def test_too_many_requests_of_one_session_are_refused(upstreams: dict[str, Counted]) -> None:
    settings = GatewaySettings(feed_token=FEED_TOKEN, requests="3/minute")
    door = create_gateway(upstreams, settings)
    mei, sue = Person(door), Person(door)
    mei.sign_in("mei")
    sue.sign_in("sue")

    assert [mei.get("/api/opportunities").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert sue.get("/api/opportunities").status_code == 200


def test_a_window_that_is_over_counts_no_more() -> None:
    clock = Clock()
    windows = Windows(Allowance.parse("2/10 second"), clock)
    windows.count("a")
    windows.count("a")
    with pytest.raises(TooManyRequests) as refused:
        windows.count("a")
    assert 0 < refused.value.retry_after_seconds <= 11

    clock.now += 10

    windows.count("a")


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(HalfSet):
        Allowance.parse("many")


def test_a_server_that_goes_away_between_two_requests_is_unavailable() -> None:
    server = make_server("127.0.0.1", 0, echo, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upstream = HttpUpstream(f"http://127.0.0.1:{server.port}")

    for _ in range(3):
        assert upstream.ask(Asked("GET", "/customers")).status == 200
    server.shutdown()
    server.server_close()
    with pytest.raises(Unavailable):
        upstream.ask(Asked("GET", "/customers"))


# Which service answers


def test_the_first_segment_decides_and_where_all_answer_the_second_does() -> None:
    assert owner_of("/api/customers/KH1/contacts") == "customer"
    assert owner_of("/api/erasures") == "identity"
    assert {owner_of(f"/api/personal-data/{name}") for name in SERVICES} == set(SERVICES)
    assert owner_of("/api/personal-data/service-desk/more") == "service-desk"
    flows = ("/api/flows", "/api/flows/win:1", "/api/flows/marketing/win:1", "/api/flows/identity/erasure:1/retry")
    assert [owner_of(path) for path in flows] == ["marketing", "marketing", "marketing", "identity"]
    assert owner_of("/api/customers/identity") == "customer"


@pytest.mark.parametrize(
    "path", ["", "personal-data", "personal-data/", "personal-data/gateway", "internal/bus", "nothing"]
)
def test_what_no_service_owns_is_the_gateways_own(path: str) -> None:
    assert owner_of(f"/api/{path}") is None
