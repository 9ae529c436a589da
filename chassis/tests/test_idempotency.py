"""A POST that is sent again gets the first answer and changes nothing."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from chassis.principal import Principal
from chassis.tables import idempotency_key
from chassis.testing.stage import Client, Stage
from tests import toy


def post(client: Client, key: str, **body: object) -> TestResponse:
    return client.client.post("/toys", json=body, headers={"Idempotency-Key": key})


def test_the_second_post_gets_the_first_answer(workshop: Stage, client: Client) -> None:
    first, again = post(client, "a", name="bear"), post(client, "a", name="bear")

    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, first.headers["ETag"])
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotent-Replay"), again.headers["Idempotent-Replay"]) == (None, "true")
    assert workshop.count(toy.Toy.__table__) == 1


def test_a_key_is_for_one_request_only(workshop: Stage, client: Client) -> None:
    post(client, "a", name="bear")

    answer = post(client, "a", name="duck")

    assert answer.json
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/key-reused")
    assert workshop.count(toy.Toy.__table__) == 1


def test_two_users_may_have_the_same_key(workshop: Stage, client: Client) -> None:
    other = workshop.client(Principal(user_id=8, name="Ben", role="maker", kind="user"))

    first, second = post(client, "a", name="bear"), post(other, "a", name="bear")

    assert first.json
    assert second.json
    assert first.json["id"] != second.json["id"]


def test_a_refused_post_leaves_its_key_free(client: Client) -> None:
    assert post(client, "a", name="").status_code == 422

    assert post(client, "a", name="bear").status_code == 201


def test_two_at_the_same_moment_make_one(workshop: Stage, client: Client) -> None:
    answers: list[TestResponse] = []
    clients = [workshop.client(Principal(user_id=7, name="Ada", kind="user", role="maker")) for _ in range(4)]

    toy.at_once(*(lambda one=one: answers.append(post(one, "a", name="bear")) for one in clients))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert workshop.count(toy.Toy.__table__) == 1
    assert workshop.log_length() == 1


@pytest.mark.parametrize("key", ["x" * 201, "\x07"], ids=["long", "a bell"])
def test_a_key_that_cannot_be_kept_is_refused(workshop: Stage, client: Client, key: str) -> None:
    answer = post(client, key, name="bear")

    assert answer.status_code == 422
    assert workshop.count(idempotency_key) == 0
