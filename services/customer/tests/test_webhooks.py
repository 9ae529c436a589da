"""Webhooks: who outside is told what, signed and once, and what becomes of a delivery that goes wrong."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import urllib3

from chassis import posting
from chassis.executor import Executor
from chassis.log import DatabaseLog
from chassis.pull import Puller
from chassis.replay import replay
from chassis.tables import external_effect
from chassis.testing.receiver import Receiver, Reply, Request, receiving
from chassis.testing.stage import Client, Stage
from customer import announcing
from customer.webhook.model import OFFERED, InDoubt

RIGHTS = ("webhook:read", "webhook:write")
EVERYTHING = ["customer.opened", "order.placed"]


class Outside:
    """Another system: what it received, and what it answers next; 200 when nothing is told."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.replies: dict[str, list[Reply]] = {"POST": [], "GET": []}
        receiver.script = self.answer

    def answer(self, request: Request) -> Reply:
        waiting = self.replies[request.method]
        return waiting.pop(0) if waiting else Reply(200)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.receiver.of("POST")]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setattr(posting, "TIMEOUT", urllib3.Timeout(connect=0.5, read=0.5))
    with receiving(lambda _: Reply(200)) as receiver:
        yield Outside(receiver)


@pytest.fixture
def admin(stage: Stage) -> Client:
    return stage.client(None, *RIGHTS)


@pytest.fixture
def work(stage: Stage) -> Callable[[], None]:
    """What the worker does: hear what the service itself has said, and carry out what that asks for."""
    assert stage.consumer
    sources = {**stage.consumer.sources, "customer": DatabaseLog(stage.database)}
    consumer = stage.service.consumer(stage.database, sources)
    assert consumer
    settings = dataclasses.replace(stage.settings, extra={announcing.MAY_REACH: "127.0.0.1, erp.local"})
    executor = Executor(stage.database, "customer", announcing.effects(settings, stage.database))

    def work() -> None:
        while Puller(consumer).pull("customer"):
            pass
        while executor.run_due():
            pass

    return work


Work = Callable[[], None]


def register(admin: Client, outside: Outside, **more: Any) -> Any:
    return admin.post("/webhooks", **{"url": outside.receiver.url, "events": EVERYTHING, **more})


def open_customer(mei: Client, name: str = "Acme") -> str:
    number: str = mei.post("/customers", name=name, region="North", level=2)["customer_no"]
    return number


def deliveries(admin: Client, webhook_id: int = 1) -> list[Any]:
    found: list[Any] = admin.get(f"/webhooks/{webhook_id}/deliveries?sort=made_at")["items"]
    return found


def let_time_pass(stage: Stage) -> None:
    with stage.database.connection() as connection:
        due = sa.update(external_effect).where(external_effect.c.next_at.is_not(None))
        connection.execute(due.values(next_at=datetime.now(UTC) - timedelta(days=2)))


# Registering


def test_the_secret_is_shown_once_and_told_to_nobody(admin: Client, outside: Outside, stage: Stage) -> None:
    hook = register(admin, outside)

    assert hook["secret"].startswith("whsec_")
    assert (hook["events"], hook["when_in_doubt"], hook["is_active"]) == (EVERYTHING, "ask", True)
    assert "secret" not in admin.get(f"/webhooks/{hook['id']}")
    assert "secret" not in admin.get("/webhooks")["items"][0]
    assert hook["secret"] not in json.dumps(stage.said())
    assert hook["secret"] not in json.dumps(admin.get(f"/webhooks/{hook['id']}/history"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://erp.example/"),
        ("url", "http:///nowhere"),
        ("url", "http://user:pass@erp.example/"),
        ("url", "erp.example/hook"),
        ("url", "http://erp.example:99999/"),
        ("url", "http://erp.example/#part"),
        ("events", []),
        ("events", ["customer.exploded"]),
        ("events", "order.placed"),
        ("when_in_doubt", "guess"),
    ],
)
def test_what_cannot_be_agreed_is_refused_by_name(admin: Client, field: str, value: Any) -> None:
    good = {"url": "https://erp.example/hook", "events": EVERYTHING}

    refused = admin.post("/webhooks", **{**good, field: value}, expect=422)

    assert refused["errors"][0]["pointer"].startswith(f"/{field}")
    assert admin.get("/webhooks")["total"] == 0


def test_it_is_edited_paused_and_removed(admin: Client, outside: Outside, stage: Stage) -> None:
    hook = register(admin, outside)
    path = f"/webhooks/{hook['id']}"

    edited = admin.patch(path, version=1, events=["order.placed", "customer.opened", "order.placed"], is_active=False)
    assert (edited["events"], edited["is_active"], edited["version"]) == (EVERYTHING, False, 2)
    admin.patch(path, version=2, url="nonsense", expect=422)
    admin.delete(path, version=2)

    admin.get(path, expect=404)
    assert [kind for kind, _ in stage.said()] == [
        "crm.customer.webhook.registered",
        "crm.customer.webhook.edited",
        "crm.customer.webhook.removed",
    ]


def test_without_the_right_nobody_sees_or_makes_one(mei: Client) -> None:
    mei.get("/webhooks", expect=403)
    mei.post("/webhooks", url="https://erp.example/", events=EVERYTHING, expect=403)


# Telling


def test_what_is_offered_can_be_told() -> None:
    assert {heard.event_type for heard in announcing.HEARD} == {f"crm.customer.{name}" for name in OFFERED}


def test_what_happens_is_told_once_and_signed(admin: Client, mei: Client, outside: Outside, work: Work) -> None:
    hook = register(admin, outside)
    number = open_customer(mei)

    work()
    work()

    (told,) = outside.told
    assert (told["type"], told["subject"], told["data"]["name"]) == ("customer.opened", f"customer/{number}", "Acme")
    (sent,) = outside.receiver.received
    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    signed = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}.".encode() + sent.body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert sent.headers["webhook-signature"] == f"v1,{signature}"
    (delivery,) = deliveries(admin)
    assert (delivery["state"], delivery["attempts"], delivery["delivery_id"]) == (
        "succeeded",
        1,
        sent.headers["webhook-id"],
    )


def test_each_is_told_what_it_asked_for(admin: Client, mei: Client, outside: Outside, work: Work) -> None:
    register(admin, outside)
    register(admin, outside, events=["customer.edited"])
    register(admin, outside, events=["order.cancelled"])
    number = open_customer(mei)
    mei.patch(f"/customers/{number}", version=1, region="South")

    work()

    assert [len(deliveries(admin, hook)) for hook in (1, 2, 3)] == [1, 1, 0]
    assert sorted(one["type"] for one in outside.told) == ["customer.edited", "customer.opened"]


def test_what_happened_before_is_not_told(admin: Client, mei: Client, outside: Outside, work: Work) -> None:
    open_customer(mei)
    work()
    register(admin, outside)

    work()

    assert outside.told == []


def test_a_replay_tells_nothing(admin: Client, mei: Client, outside: Outside, stage: Stage) -> None:
    register(admin, outside)
    open_customer(mei)
    assert stage.consumer
    stage.consumer.sources = {**stage.consumer.sources, "customer": DatabaseLog(stage.database)}

    replay(stage.consumer, "customer")

    assert deliveries(admin) == []


def test_while_it_is_paused_nothing_is_sent(admin: Client, mei: Client, outside: Outside, work: Work) -> None:
    register(admin, outside)
    open_customer(mei)
    admin.patch("/webhooks/1", version=1, is_active=False)

    work()
    open_customer(mei, "Bolt")
    work()

    assert outside.told == []


# When it goes wrong


def test_a_receiver_that_has_it_already_is_content(admin: Client, mei: Client, outside: Outside, work: Work) -> None:
    register(admin, outside)
    outside.replies["POST"] = [Reply(409, "had it")]
    open_customer(mei)

    work()

    assert [(one["state"], one["response"]) for one in deliveries(admin)] == [("succeeded", "409 had it")]


def test_an_error_is_asked_about_and_what_did_not_arrive_is_sent_again(
    admin: Client, mei: Client, outside: Outside, work: Work, stage: Stage
) -> None:
    register(admin, outside)
    outside.replies = {"POST": [Reply(500)], "GET": [Reply(404)]}
    open_customer(mei)
    work()
    assert deliveries(admin)[0]["state"] == "unknown"

    let_time_pass(stage)
    work()

    first, question, second = outside.receiver.received
    assert [one.method for one in (first, question, second)] == ["POST", "GET", "POST"]
    assert {one.headers["webhook-id"] for one in (first, question, second)} == {deliveries(admin)[0]["delivery_id"]}
    assert first.body == second.body
    assert deliveries(admin)[0]["state"] == "succeeded"


def test_a_reply_that_comes_too_late_is_asked_about_and_nothing_is_repeated(
    admin: Client, mei: Client, outside: Outside, work: Work, stage: Stage
) -> None:
    register(admin, outside)
    outside.replies["POST"] = [Reply(200, after_seconds=3)]
    open_customer(mei)
    work()
    assert deliveries(admin)[0]["state"] == "unknown"

    let_time_pass(stage)
    work()

    assert [one.method for one in outside.receiver.received] == ["POST", "GET"]
    assert deliveries(admin)[0]["state"] == "succeeded"


def test_who_throws_repeats_away_is_not_asked(
    admin: Client, mei: Client, outside: Outside, work: Work, stage: Stage
) -> None:
    register(admin, outside, when_in_doubt=InDoubt.REPEAT.value)
    outside.replies["POST"] = [Reply(200, is_cut=True)]
    open_customer(mei)
    work()

    let_time_pass(stage)
    work()

    assert [one.method for one in outside.receiver.received] == ["POST", "POST"]
    assert deliveries(admin)[0]["state"] == "succeeded"


def test_who_answers_nothing_useful_is_left_to_a_person(
    admin: Client, mei: Client, outside: Outside, work: Work, stage: Stage
) -> None:
    register(admin, outside)
    outside.replies = {"POST": [Reply(500)], "GET": [Reply(405)] * 9}
    open_customer(mei)
    for _ in range(9):
        work()
        let_time_pass(stage)
    (delivery,) = deliveries(admin)
    assert (delivery["state"], delivery["next_at"], delivery["attempts"]) == ("unknown", None, 1)

    admin.post(f"/webhooks/1/deliveries/{delivery['delivery_id']}/retry", expect=200)
    work()

    assert deliveries(admin)[0]["state"] == "succeeded"
    assert len(outside.receiver.of("POST")) == 2
    admin.post(f"/webhooks/1/deliveries/{delivery['delivery_id']}/retry", expect=409)
    admin.post("/webhooks/1/deliveries/nothing/retry", expect=404)


def test_a_webhook_that_is_gone_is_not_called_any_more(
    admin: Client, mei: Client, outside: Outside, work: Work, stage: Stage
) -> None:
    register(admin, outside)
    outside.replies["POST"] = [Reply(503)]
    open_customer(mei)
    work()
    admin.delete("/webhooks/1", version=1)

    let_time_pass(stage)
    work()

    assert len(outside.receiver.received) == 1
    with stage.database.reading() as session:
        assert session.scalars(sa.select(external_effect.c.state)).all() == ["failed"]


def test_many_events_cost_one_look_at_the_webhooks_and_one_insert(
    admin: Client, mei: Client, outside: Outside, stage: Stage, statements: Callable[[], Any]
) -> None:
    register(admin, outside)
    for number in range(30):
        open_customer(mei, f"Customer {number}")

    assert stage.consumer
    stage.consumer.sources = {**stage.consumer.sources, "customer": DatabaseLog(stage.database)}
    with statements() as sent:
        Puller(stage.consumer).pull("customer")

    assert len([one for one in sent if "FROM webhook" in one]) == 1
    assert len([one for one in sent if "INTO external_effect" in one]) == 1
    assert len(deliveries(admin)) == 20
    assert admin.get("/webhooks/1/deliveries")["total"] == 30
