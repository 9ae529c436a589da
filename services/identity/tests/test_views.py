"""Saved views: one's own, those that others share, and which one a list opens with."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from identity.view import model
from services.identity.tests.conftest import Door

MAJOR = {"screen": "customers", "name": "Major", "query": "level=3&sort=name"}


class Person:
    """Somebody who is signed in, without any right that views would need."""

    def __init__(self, door: Door, login: str) -> None:
        self.http, self.headers = door.http, door.signed(login)

    def call(self, method: str, path: str, body: Any = None, *, version: int = 0, expect: int = 200) -> Any:
        headers = self.headers | ({"If-Match": f'"{version}"'} if version else {})
        answer = self.http.open(path, method=method, json=body, headers=headers)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def saves(self, **said: Any) -> Any:
        return self.call("POST", "/views", MAJOR | said, expect=201)

    def sees(self) -> list[str]:
        return [one["name"] for one in self.call("GET", "/views?screen=customers")["items"]]


@pytest.fixture
def mei(door: Door) -> Person:
    return Person(door, "mei")


@pytest.fixture
def sue(door: Door) -> Person:
    return Person(door, "sue")


def test_a_view_is_kept_and_told(stage: Stage, mei: Person) -> None:
    stage.said()

    view = mei.saves()

    assert (view["query"], view["owner_name"], view["may_change"]) == (MAJOR["query"], "Mei Manager", True)
    [(kind, said)] = stage.said()
    assert (kind, said["screen"], said["name"]) == ("crm.identity.view.saved", "customers", "Major")


def test_what_is_not_shared_nobody_else_sees(mei: Person, sue: Person) -> None:
    view = mei.saves()

    assert sue.sees() == []
    sue.call("GET", f"/views/{view['id']}", expect=404)
    sue.call("GET", f"/views/{view['id']}/history", expect=404)
    sue.call("PATCH", f"/views/{view['id']}", {"name": "Mine"}, version=1, expect=404)
    sue.call("DELETE", f"/views/{view['id']}", version=1, expect=404)


def test_a_shared_view_is_everybodys_to_use_and_its_owners_to_change(mei: Person, sue: Person) -> None:
    view = mei.saves(is_shared=True)

    assert sue.sees() == ["Major"]
    assert sue.call("GET", f"/views/{view['id']}")["may_change"] is False
    refused = sue.call("PATCH", f"/views/{view['id']}", {"name": "Mine"}, version=1, expect=403)
    assert refused["type"].endswith("/not-your-view")
    sue.call("DELETE", f"/views/{view['id']}", version=1, expect=403)
    assert mei.call("PATCH", f"/views/{view['id']}", {"is_shared": False}, version=1)["version"] == 2
    assert sue.sees() == []


def test_administrators_tidy_what_others_share_and_do_not_take_it_over(admin: Client, mei: Person) -> None:
    view = mei.saves(is_shared=True)

    told = admin.call("PATCH", f"/views/{view['id']}", {"name": "Big"}, expect=200, headers={"If-Match": '"1"'})

    assert (told["name"], told["owner_name"]) == ("Big", "Mei Manager")
    opens = {"is_default": True}
    refused = admin.call("PATCH", f"/views/{view['id']}", opens, expect=422, headers={"If-Match": '"2"'})
    assert [fault["pointer"] for fault in refused["errors"]] == ["/is_default"]
    admin.call("DELETE", f"/views/{view['id']}", expect=204, headers={"If-Match": '"2"'})
    assert mei.sees() == []


def test_a_name_is_given_once_per_person_and_list(mei: Person, sue: Person) -> None:
    mei.saves()
    other = mei.saves(name="Other")

    refused = mei.call("POST", "/views", MAJOR | {"name": "major"}, expect=422)
    assert [fault["pointer"] for fault in refused["errors"]] == ["/name"]
    refused = mei.call("PATCH", f"/views/{other['id']}", {"name": "Major"}, version=1, expect=422)
    assert [fault["pointer"] for fault in refused["errors"]] == ["/name"]
    mei.saves(screen="leads")
    sue.saves()


def test_a_list_opens_with_one_view(stage: Stage, mei: Person) -> None:
    first = mei.saves(is_default=True)
    stage.said()

    mei.saves(name="Other", is_default=True)

    assert mei.call("GET", f"/views/{first['id']}")["is_default"] is False
    assert sorted(kind.rpartition(".")[2] for kind, _ in stage.said()) == ["edited", "saved"]
    mei.call("PATCH", f"/views/{first['id']}", {"is_default": True}, version=2)
    views = mei.call("GET", "/views?screen=customers")["items"]
    assert [one["name"] for one in views if one["is_default"]] == ["Major"]


def test_what_opens_somebodys_list_opens_nobody_elses(mei: Person, sue: Person) -> None:
    mei.saves(is_shared=True, is_default=True)

    [shown] = sue.call("GET", "/views?screen=customers")["items"]

    assert shown["is_default"] is False


def test_nobody_keeps_more_views_than_can_be_chosen_from(mei: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_VIEWS", 1)
    mei.saves()

    refused = mei.call("POST", "/views", MAJOR | {"name": "Other"}, expect=409)

    assert refused["type"].endswith("/too-many-views")
    mei.saves(screen="leads")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"screen": "No such"}, "/screen"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 51}, "/name"),
        ({"query": "x" * 2001}, "/query"),
    ],
)
def test_what_cannot_be_a_view_is_a_wrong_field(mei: Person, wrong: dict[str, str], pointer: str) -> None:
    refused = mei.call("POST", "/views", MAJOR | wrong, expect=422)

    assert [fault["pointer"] for fault in refused["errors"]] == [pointer]


def test_an_old_version_changes_nothing(mei: Person) -> None:
    view = mei.saves()
    mei.call("PATCH", f"/views/{view['id']}", {"query": ""}, version=1)

    mei.call("PATCH", f"/views/{view['id']}", {"query": "level=5"}, version=1, expect=412)

    history = mei.call("GET", f"/views/{view['id']}/history")["items"]
    assert [one["type"].rpartition(".")[2] for one in history] == ["saved", "edited"]


def test_everybody_may_keep_views_whatever_the_role() -> None:
    nobody = Principal(user_id=7, rights=frozenset(), kind="user")

    assert model.SavedView(owner_id=7, is_shared=False).may_be_changed_by(nobody)
    assert not model.SavedView(owner_id=8, is_shared=True).may_be_changed_by(nobody)
