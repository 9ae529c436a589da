"""What a request may cost, counted in statements: six for a change, two for a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.testing.stage import Client, Stage
from services.identity.tests.conftest import Door

IdOf = Callable[[str], int]
MOST_FOR_A_CHANGE, MOST_FOR_A_LIST = 6, 2


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every statement sent meanwhile, commits included; SQLite's own BEGIN too."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    def committed(_connection: Any) -> None:
        sent.append("COMMIT")

    sa.event.listen(database.engine, "before_cursor_execute", note)
    sa.event.listen(database.engine, "commit", committed)
    yield sent
    sa.event.remove(database.engine, "before_cursor_execute", note)
    sa.event.remove(database.engine, "commit", committed)


@pytest.mark.parametrize(
    "path",
    [
        "/users", "/users?unit_id=1&role=supervisor&q=e", "/roles", "/units", "/dictionary", "/me/sessions",
        "/users/2/sessions",
    ],
)  # fmt: skip
def test_a_list_costs_one_select_and_one_count(stage: Stage, admin: Client, path: str) -> None:
    with counted(stage.database) as sent:
        admin.get(path)

    assert len(sent) <= MOST_FOR_A_LIST


@pytest.mark.parametrize("path", ["/users/2", "/roles/2", "/units/2", "/units/tree", "/rights", "/users/2/history"])
def test_one_record_costs_at_most_two(stage: Stage, admin: Client, path: str) -> None:
    admin.get(path)
    with counted(stage.database) as sent:
        admin.get(path)

    assert len(sent) <= 3 if path == "/roles/2" else 2, "a role's grants are a statement of their own"


CHANGES: dict[str, tuple[str, str, Any]] = {
    "register": (
        "POST",
        "/users",
        {"login": "x", "full_name": "X", "role": "supervisor", "manager_id": 2, "unit_id": 1},
    ),
    "edit": ("PATCH", "/users/{mei}", {"full_name": "Mei M."}),
    "unlock": ("POST", "/users/{mei}/unlock", {}),
    "enable": ("POST", "/users/{mei}/enable", {}),
    "new unit": ("POST", "/units", {"name": "X", "kind": "branch", "parent_id": 1, "head_id": 2}),
    "edit unit": ("PATCH", "/units/2", {"name": "X", "head_id": 3}),
    "move unit": ("POST", "/units/3/move", {"parent_id": 1}),
    "switch off": ("POST", "/rights/L02/disable", {}),
    "new role": ("POST", "/roles", {"code": "x", "name": "X"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_costs_at_most_six(stage: Stage, admin: Client, id_of: IdOf, change: str) -> None:
    method, path, body = CHANGES[change]
    path = path.format(mei=id_of("mei"))
    with counted(stage.database) as sent:
        answer = admin.client.open(path, method=method, json=body, headers={"If-Match": "*"})

    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    assert len(sent) <= MOST_FOR_A_CHANGE, "\n".join(sent)


def test_moving_a_person_in_every_way_at_once_costs_one_look(stage: Stage, admin: Client, id_of: IdOf) -> None:
    said = {"role": "supervisor", "manager_id": id_of("eve"), "unit_id": 1}
    with counted(stage.database) as sent:
        admin.call("PATCH", f"/users/{id_of('mei')}", said, expect=200, headers={"If-Match": "*"})

    looks = [statement for statement in sent if "UNION ALL" in statement]
    assert len(looks) == 1


def test_an_exchange_costs_two_looks_and_three_for_a_team(stage: Stage, admin: Client, door: Door) -> None:
    for login, most in (("mei", 2), ("sam", 3)):
        token = door.token(login)
        with counted(stage.database) as sent:
            door.exchange(token)
        assert len(sent) == most


def test_a_sign_in_costs_five(stage: Stage, door: Door) -> None:
    door.sign_in("mei")
    with counted(stage.database) as sent:
        assert door.sign_in("mei").status_code == 201

    assert len(sent) <= 5, "\n".join(sent)
