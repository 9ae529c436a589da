"""The recycle bin: what is deleted can be seen there, comes back, or goes for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.attachments import attachment, attachment_block
from chassis.dictionary import ItemAdded
from chassis.testing.stage import Client, Stage
from customer.activity.model import Activity
from customer.bin.commands import purge_bin
from customer.bin.model import DEFAULT_DAYS
from customer.contact.model import Contact
from customer.customer.model import Customer
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

MAY = [*MANAGER_MAY, "bin:read", "bin:restore", "bin:purge", "customer:tag"]


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MAY)


def opened(client: Client, name: str) -> str:
    number: str = client.post("/customers", name=name, region="North", level=1)["customer_no"]
    return number


def deleted(client: Client, name: str, version: int = 1) -> str:
    number = opened(client, name)
    client.delete(f"/customers/{number}", version=version)
    return number


def person(client: Client, number: str, name: str = "Li Wei") -> str:
    contact: int = client.post(f"/customers/{number}/contacts", name=name, phone="139")["id"]
    return f"/customers/{number}/contacts/{contact}"


def facts(stage: Stage) -> list[str]:
    return [fact.removeprefix("crm.customer.") for fact, _ in stage.said()]


def tidied(stage: Stage, *, days: float) -> list[str]:
    """What is said when the job runs so many days from now."""
    stage.said()
    with stage.doing(at=datetime.now(UTC) + timedelta(days=days)) as tx:
        purge_bin(tx)
    return facts(stage)


def test_a_deleted_customer_comes_back_with_what_belongs_to_it(each_stage: Stage, mei: Client) -> None:
    number = opened(mei, "Acme")
    person(mei, number)
    mei.delete(f"/customers/{number}", version=1)
    [binned] = mei.get("/customers/bin")["items"]
    each_stage.said()

    restored = mei.post(f"/customers/{number}/restoration", expect=200)

    assert (binned["customer_no"], restored["status"]) == (number, 1)
    assert facts(each_stage) == ["customer.restored"]
    assert mei.get("/customers/bin")["total"] == 0
    assert len(mei.get(f"/customers/{number}/contacts")["items"]) == 1
    assert mei.post(f"/customers/{number}/restoration", expect=409)["type"] == "/problems/not-deleted"


def test_a_name_that_was_given_away_keeps_the_old_one_in_the_bin(each_stage: Stage, mei: Client) -> None:
    number = deleted(mei, "Acme")
    opened(mei, "ACME")

    problem = mei.post(f"/customers/{number}/restoration", expect=409)

    assert problem["type"] == "/problems/name-taken"
    assert mei.get(f"/customers/{number}")["status"] == 3


def test_who_was_lost_before_is_lost_again(each_stage: Stage, mei: Client) -> None:
    row = {"name": "Acme", "region": "North", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}
    each_stage.client().post("/customers/bulk", expect=200, rows=[row])
    mei.post("/losses/detection", expect=200)
    [alert] = mei.get("/losses")["items"]
    number = alert["customer_no"]
    mei.post(f"/losses/{alert['id']}/confirmation", expect=200, reason="Moved")
    mei.delete(f"/customers/{number}", version=3)

    assert mei.post(f"/customers/{number}/restoration", expect=200)["status"] == 2


def test_a_removed_contact_is_out_of_sight_until_it_comes_back(each_stage: Stage, mei: Client) -> None:
    number = opened(mei, "Acme")
    path = person(mei, number)
    mei.delete(path, version=1)
    each_stage.said()

    assert mei.get("/contacts")["total"] == 0
    mei.get(path, expect=404)
    mei.patch(path, version=2, expect=404, name="X")
    mei.delete(path, version=2, expect=404)
    [binned] = mei.get("/contacts/bin")["items"]
    assert (binned["name"], binned["customer_name"]) == ("Li Wei", "Acme")
    assert mei.post(path + "/restoration", expect=200)["name"] == "Li Wei"
    assert mei.post(path + "/restoration", expect=409)["type"] == "/problems/not-deleted"
    assert facts(each_stage) == ["contact.restored"]
    assert [each["type"].rsplit(".", 1)[1] for each in mei.get(path + "/history")["items"]] == [
        "added", "removed", "restored",
    ]  # fmt: skip


def test_nobody_restores_or_purges_beyond_the_own_scope_or_right(each_stage: Stage, mei: Client) -> None:
    number = deleted(mei, "Acme")
    bob, plain = each_stage.client(BOB, *MAY), each_stage.client(MEI, *MANAGER_MAY)

    bob.post(f"/customers/{number}/restoration", expect=404)
    bob.delete(f"/customers/bin/{number}", version=2, expect=404)
    assert bob.get("/customers/bin")["total"] == 0
    plain.get("/customers/bin", expect=403)
    plain.post(f"/customers/{number}/restoration", expect=403)
    plain.delete(f"/customers/bin/{number}", version=2, expect=403)


def test_what_is_purged_leaves_nothing(each_stage: Stage, mei: Client) -> None:
    each_stage.hears(ItemAdded(item_id=1, kind="customer tag", value="VIP"))
    number = opened(mei, "Acme")
    path = person(mei, number)
    mei.post(f"/customers/{number}/activities", held_at="2026-01-01T00:00:00Z", place="-", title="Tea")
    mei.upload(f"/customers/{number}/attachments", "a.txt", b"a")
    mei.upload(f"{path}/attachments", "b.txt", b"b")
    mei.call("PUT", f"/customers/{number}/tags", {"tags": ["VIP"]}, expect=200)
    mei.delete(f"/customers/{number}", version=3)
    each_stage.said()

    mei.delete(f"/customers/bin/{number}", version=4)

    assert facts(each_stage) == ["contact.purged", "activity.removed", "customer.purged"]
    for table in (Customer.__table__, Contact.__table__, Activity.__table__, attachment, attachment_block):
        assert each_stage.count(table) == 0
    mei.get(f"/customers/{number}", expect=404)
    mei.delete(f"/customers/bin/{number}", version=4, expect=404)


def test_what_the_books_need_stays(each_stage: Stage, mei: Client) -> None:
    number = opened(mei, "Acme")
    assert mei.delete(f"/customers/bin/{number}", version=1, expect=409)["type"] == "/problems/not-deleted"
    each_stage.client().post(
        "/orders", order_no="1", customer_no=number, ordered_at="2026-01-01T00:00:00Z", amount="1.00"
    )
    mei.delete(f"/customers/{number}", version=2)

    problem = mei.delete(f"/customers/bin/{number}", version=3, expect=409)

    assert (problem["type"], problem["needed_by"]) == ("/problems/still-needed", {"orders": 1})
    assert tidied(each_stage, days=DEFAULT_DAYS + 1) == []


def test_the_daily_job_purges_what_has_lain_long_enough(each_stage: Stage, mei: Client) -> None:
    deleted(mei, "Acme")
    mei.delete(person(mei, opened(mei, "Duck")), version=1)

    assert tidied(each_stage, days=DEFAULT_DAYS - 0.1) == []
    assert sorted(tidied(each_stage, days=DEFAULT_DAYS + 0.1)) == ["contact.purged", "customer.purged"]
    assert [one["name"] for one in mei.get("/customers")["items"]] == ["Duck"]


def test_how_long_it_lies_the_dictionary_says(each_stage: Stage, mei: Client) -> None:
    deleted(mei, "Acme")

    each_stage.hears(ItemAdded(item_id=1, kind="bin days", value="0"))
    assert tidied(each_stage, days=9999) == []
    each_stage.hears(ItemAdded(item_id=2, kind="bin days", value="5"))
    assert tidied(each_stage, days=5.1) == ["customer.purged"]
