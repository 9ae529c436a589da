"""HTTP in and out: what cannot be read is refused in one shape, and nothing inside leaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from chassis.database import Database
from chassis.events import open_envelope
from chassis.log import DatabaseLog
from chassis.manifest import Service
from chassis.principal import Principal
from chassis.problems import PROBLEM_JSON
from chassis.routes import Misfit, Route
from chassis.testing.stage import Client, Stage, some_settings
from chassis.transaction import Transaction
from chassis.web import LARGEST_BODY
from tests import toy

SECRET = "the password is swordfish"


@pytest.fixture
def workshop(any_database: Database) -> Stage:
    """Nothing here depends on the database."""
    return Stage(toy.workshop, any_database, some_settings("workshop", str(any_database.url)))


def send(client: Client, method: str, path: str, **how: Any) -> TestResponse:
    return client.client.open(path, method=method, **how)


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and problem; every refusal has the shape of RFC 9457."""
    assert answer.content_type == PROBLEM_JSON
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]
    return answer.status_code, answer.json["type"]


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"name": ', "application/json", (400, "/problems/bad-request")),
        (b"[1, 2]", "application/json", (400, "/problems/bad-request")),
        (b"\xff\xfe", "application/json", (400, "/problems/bad-request")),
        (b"[" * 100_000, "application/json", (400, "/problems/bad-request")),
        (b"", "application/json", (400, "/problems/bad-request")),
        (b'{"name": "bear"}', "text/plain", (415, "/problems/unsupported-media-type")),
        (b"name=bear", "application/x-www-form-urlencoded", (415, "/problems/unsupported-media-type")),
        (b'{"name": ""}', "application/json", (422, "/problems/invalid")),
        (b'{"name": "a\\u0000b"}', "application/json", (422, "/problems/invalid")),
        (b'{"nam": "bear"}', "application/json", (422, "/problems/invalid")),
        (b'{"name": "bear", "rank": 1e300}', "application/json", (422, "/problems/invalid")),
        (b'{"name": "bear", "rank": true}', "application/json", (422, "/problems/invalid")),
        (b"x" * (LARGEST_BODY + 1), "application/json", (413, "/problems/too-large")),
    ],
    ids=[
        "cut off", "a list", "no text", "too deep", "empty", "plain text", "a form", "blank", "zero byte",
        "mistyped", "huge number", "true as number", "17 MB",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    client: Client, body: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    assert refusal(send(client, "POST", "/toys", data=body, content_type=content_type)) == expected


def test_each_wrong_field_is_named_by_a_pointer(client: Client) -> None:
    problem = client.post("/toys", expect=422, rank="high", nonsense=1)

    assert {error["pointer"] for error in problem["errors"]} == {"/name", "/rank", "/nonsense"}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (None, (428, "/problems/precondition-required")),
        ("", (428, "/problems/precondition-required")),
        ('"one"', (422, "/problems/invalid")),
        ('"99999999999999999999"', (422, "/problems/invalid")),
        ('"²"', (422, "/problems/invalid")),
        ('"7"', (412, "/problems/stale")),
    ],
)
def test_a_change_names_the_version_it_is_made_to(client: Client, tag: str | None, expected: tuple[int, str]) -> None:
    made = client.post("/toys", name="bear")
    headers = {} if tag is None else {"If-Match": tag.encode("utf-8").decode("latin-1")}

    answer = send(client, "PATCH", f"/toys/{made['id']}", json={"colour": "red"}, headers=headers)

    assert refusal(answer) == expected


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "1", "*"])
def test_a_change_to_the_present_version_is_made(client: Client, tag: str) -> None:
    made = client.post("/toys", name="bear")
    path = f"/toys/{made['id']}"

    answer = send(client, "PATCH", path, json={"colour": "red"}, headers={"If-Match": tag})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_a_stale_change_is_told_both_versions(client: Client) -> None:
    made = client.post("/toys", name="bear")
    client.patch(f"/toys/{made['id']}", version=1, colour="red")

    answer = send(client, "PATCH", f"/toys/{made['id']}", json={"colour": "blue"}, headers={"If-Match": '"1"'})

    assert answer.json
    assert (answer.json["yours"], answer.json["current"], answer.headers["ETag"]) == (1, 2, '"2"')


def test_what_was_made_says_where_it_is(client: Client) -> None:
    answer = send(client, "POST", "/toys", json={"name": "bear"})

    assert answer.json
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"/api/toys/{answer.json['id']}"


@pytest.mark.parametrize("path", ["/nothing", "/toys/99", "/toys/x", "/toys/-1", f"/toys/{2**70}", "/toys/", "//toys"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert refusal(send(client, "GET", path)) == (404, "/problems/not-found")


def test_a_method_that_is_not_taken_names_those_that_are(client: Client) -> None:
    answer = send(client, "PUT", "/toys")

    assert refusal(answer) == (405, "/problems/method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_without_the_right_nothing_happens(workshop: Stage) -> None:
    reader = workshop.client(Principal(user_id=8, name="Ben", kind="user"), "toy:read")

    problem = reader.post("/toys", expect=403, name="bear")

    assert problem["needs"] == "toy:write"
    assert workshop.log_length() == 0


def test_rights_are_checked_before_the_body_is_read(workshop: Stage) -> None:
    reader = workshop.client(Principal(user_id=8, name="Ben", kind="user"), "toy:read")

    assert send(reader, "POST", "/toys", data=b"nonsense").status_code == 403


def test_the_trace_of_the_caller_is_kept_and_answered(client: Client, workshop: Stage) -> None:
    caller = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = send(client, "POST", "/toys", json={"name": "bear"}, headers={"traceparent": caller})

    assert answer.headers["X-Trace-Id"] == "a" * 32
    kept = open_envelope(DatabaseLog(workshop.database).read(0, 1)[0].raw)
    assert kept.traceparent[3:35] == "a" * 32


def test_nonsense_instead_of_a_trace_begins_a_new_one(client: Client) -> None:
    answer = send(client, "GET", "/toys", headers={"traceparent": "00-nonsense"})

    assert len(answer.headers["X-Trace-Id"]) == 32


# What we did not foresee


def break_down(tx: Transaction) -> None:
    raise RuntimeError(SECRET)


def add_twice(tx: Transaction) -> None:
    tx.execute(sa.insert(toy.jam), [{"colour": "red"}, {"colour": "red"}])


def use_wrong_table(tx: Transaction) -> None:
    tx.rows(sa.text("SELECT * FROM nowhere"))


STRANGE = Service(
    name="strange",
    title="Strange",
    metadata=toy.Base.metadata,
    migrations=toy.workshop.migrations,
    routes=[
        Route(method="POST", path="/break", calls=break_down, needs="x:x"),
        Route(method="POST", path="/twice", calls=add_twice, needs="x:x"),
        Route(method="POST", path="/wrong", calls=use_wrong_table, needs="x:x"),
    ],
)


@pytest.fixture
def strange(workshop: Stage) -> Client:
    return Stage(STRANGE, workshop.database, workshop.settings).client()


@pytest.mark.parametrize("path", ["/break", "/wrong"])
def test_an_unforeseen_error_tells_nothing_outside(
    strange: Client, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = send(strange, "POST", path, json={})

    assert refusal(answer) == (500, "/problems/problem")
    assert SECRET not in answer.text
    assert "nowhere" not in answer.text
    assert "Unforeseen" in caplog.text


def test_what_exists_already_is_a_conflict(strange: Client) -> None:
    assert refusal(send(strange, "POST", "/twice", json={})) == (409, "/problems/already-exists")


@pytest.fixture
def gone() -> Iterator[Database]:
    """A database that nobody can open."""
    database = Database("sqlite:////nowhere/at/all.db")
    yield database
    database.close()


def test_a_database_that_is_gone_is_unavailable(workshop: Stage, gone: Database) -> None:
    client = Stage(toy.workshop, gone, workshop.settings).client()

    answer = send(client, "GET", "/toys")

    assert refusal(answer) == (503, "/problems/unavailable")
    assert answer.headers["Retry-After"]


def test_health_says_what_is_wrong(workshop: Stage, gone: Database) -> None:
    sick = Stage(toy.workshop, gone, workshop.settings).client()

    assert sick.get("/livez")["status"] == "alive"
    assert sick.get("/readyz", expect=503)["wrong"] == {"database": "OperationalError"}
    assert workshop.client().get("/readyz")["status"] == "ready"
    assert b"http_requests_total" in workshop.client().get("/metrics")


# Rows that do not fit


def needs_more(tx: Transaction, toy_id: int, colour: str) -> None: ...


def test_a_route_without_a_right_is_refused_when_it_is_written() -> None:
    with pytest.raises(Misfit):
        Route(method="POST", path="/toys", calls=toy.make_toy, takes=toy.NewToy)


def test_a_route_and_its_function_agree_on_names() -> None:
    with pytest.raises(Misfit, match="colour"):
        Route(method="POST", path="/toys/<int:toy_id>", calls=needs_more, needs="x:x")
    with pytest.raises(Misfit, match="does not take"):
        Route(method="POST", path="/toys/<int:toy_id>", calls=toy.make_toy, takes=toy.NewToy, needs="x:x")
