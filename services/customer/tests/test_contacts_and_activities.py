"""Contacts and activities: below one customer, listed for all, seen by whoever sees the customer."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage


@dataclasses.dataclass(frozen=True)
class Kind:
    """What hangs on a customer: its path, what must be said, and a correction."""

    path: str
    fields: dict[str, Any]
    edit: dict[str, Any]


LI: dict[str, Any] = {"name": "Li Wei", "phone": "010-123"}
TALK: dict[str, Any] = {"held_at": "2026-05-01T09:00:00Z", "place": "Their office", "title": "New prices"}
KINDS = [
    pytest.param(Kind("contacts", LI, {"mobile": "139"}), id="contact"),
    pytest.param(Kind("activities", TALK, {"description": "They will think about it"}), id="activity"),
]
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def below(acme: dict[str, Any]) -> str:
    return f"/customers/{acme['customer_no']}"


def added(mei: Client, below: str, kind: Kind) -> str:
    """The address of a new one."""
    return f"{below}/{kind.path}/{mei.post(f'{below}/{kind.path}', **kind.fields)['id']}"


@each_kind
def test_one_is_added_edited_and_removed(stage: Stage, mei: Client, below: str, kind: Kind) -> None:
    stage.said()
    path = added(mei, below, kind)

    edited = mei.patch(path, version=1, **kind.edit)
    assert edited.items() >= (kind.fields | kind.edit).items()
    assert mei.get(path) == edited
    assert mei.patch(path, version=2, **kind.edit)["version"] == 2
    life = mei.get(path + "/history")["items"]
    mei.delete(path, version=2)

    mei.get(path, expect=404)
    facts = [fact.rsplit(".", 1)[1] for fact, _ in stage.said()]
    assert facts in (["added", "edited", "removed"], ["recorded", "edited", "removed"])
    assert [happened["type"].rsplit(".", 1)[1] for happened in life] == facts[:2]


@each_kind
def test_what_is_required_must_be_said(mei: Client, below: str, kind: Kind) -> None:
    problem = mei.post(f"{below}/{kind.path}", expect=422, **kind.edit)

    assert {one["pointer"] for one in problem["errors"]} == {f"/{name}" for name in kind.fields}


@each_kind
def test_only_whoever_sees_the_customer_sees_it(mei: Client, bob: Client, below: str, kind: Kind) -> None:
    path = added(mei, below, kind)

    assert bob.get(f"/{kind.path}")["total"] == 0
    assert bob.get(f"{below}/{kind.path}")["total"] == 0
    bob.get(path, expect=404)
    bob.get(path + "/history", expect=404)
    bob.post(f"{below}/{kind.path}", expect=404, **kind.fields)
    bob.patch(path, version=1, expect=404, **kind.edit)
    bob.delete(path, version=1, expect=404)


@each_kind
def test_the_supervisor_sees_all_and_changes_nothing(mei: Client, sue: Client, below: str, kind: Kind) -> None:
    path = added(mei, below, kind)

    assert [one["customer_name"] for one in sue.get(f"/{kind.path}")["items"]] == ["Acme"]
    sue.patch(path, version=1, expect=403, **kind.edit)


@each_kind
def test_an_edit_names_the_version_it_read(mei: Client, below: str, kind: Kind) -> None:
    path = added(mei, below, kind)
    mei.patch(below, version=1, region="South")  # the customer's version is not the one that counts
    mei.patch(path, version=1, **kind.edit)

    mei.patch(path, version=1, expect=412, memo="Too late")
    mei.delete(path, version=1, expect=412)
    mei.call("PATCH", path, kind.edit, expect=428)


@each_kind
def test_it_belongs_to_one_customer(mei: Client, below: str, kind: Kind) -> None:
    mine = added(mei, below, kind)
    other = mei.post("/customers", name="Beta", region="North", level=1)
    path = mine.replace(below, f"/customers/{other['customer_no']}")

    mei.get(path, expect=404)
    mei.patch(path, version=1, expect=404, **kind.edit)
    mei.delete(path, version=1, expect=404)
    assert mei.get(f"/customers/{other['customer_no']}/{kind.path}")["items"] == []


def test_lists_filter_and_search(mei: Client, below: str) -> None:
    mei.post(f"{below}/contacts", **LI)
    mei.post(f"{below}/contacts", name="Ada", phone="555")
    mei.post(f"{below}/activities", **TALK)

    assert [one["name"] for one in mei.get("/contacts?sort=name&customer_name=acm")["items"]] == ["Ada", "Li Wei"]
    assert [one["name"] for one in mei.get("/contacts?q=555")["items"]] == ["Ada"]
    assert mei.get("/contacts?fields=name,customer_name&phone=555")["items"] == [
        {"name": "Ada", "customer_name": "Acme"}
    ]
    assert mei.get("/activities?held_from=2026-05-01&held_to=2026-05-01&title=price")["total"] == 1
    assert mei.get("/activities?held_from=2026-05-02")["total"] == 0
