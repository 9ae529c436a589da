"""Lists: pages that neither repeat nor miss a row, whatever is added meanwhile."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
import re
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.database import Database
from chassis.pages import DEEPEST_PAGE, Page, since
from chassis.principal import Principal
from chassis.problems import Invalid
from chassis.tables import event_log
from chassis.testing.stage import Client
from chassis.transaction import looking, transaction
from tests import toy

NAMES = ["ant", "Bear", "bear", "cat", "Ärger", "龙"]


def keep(database: Database, ranks: list[int | None]) -> None:
    """Toys with these ranks; names repeat, so that the key has to break ties."""
    with transaction(database, "workshop") as tx:
        tx.add_all([toy.Toy(name=NAMES[n % len(NAMES)], rank=rank) for n, rank in enumerate(ranks)])


def page(database: Database, **asked: Any) -> Page:
    with looking(database, "workshop") as tx:
        return toy.TOYS.page(tx, asked)


def walk(database: Database, between: Any = lambda: None, **asked: Any) -> list[int]:
    """The keys of all pages, following the cursor; ``between`` happens after each page."""
    found: list[int] = []
    cursor = None
    while True:
        one = page(database, **asked, **({"cursor": cursor} if cursor else {}))
        found += [row.id for row in one.items]
        between()
        if (cursor := one.next_cursor) is None:
            return found


@pytest.mark.parametrize("sort", ["id", "-id", "rank", "-rank", "name", "-name"])
def test_the_cursor_shows_each_row_once(database: Database, sort: str) -> None:
    ranks = [None, 3, 1, 3, None, 2, 1, 1, None, 5]
    keep(database, ranks)

    found = walk(database, sort=sort, size=3)

    assert sorted(found) == list(range(1, len(ranks) + 1))
    assert found == [row.id for row in page(database, sort=sort, size=50).items]


def test_empty_values_come_last_both_ways(database: Database) -> None:
    keep(database, [None, 2, 1])

    assert walk(database, sort="rank") == [3, 2, 1]
    assert walk(database, sort="-rank") == [2, 3, 1]


@pytest.mark.parametrize("sort", ["id", "rank", "-rank", "-name"])
def test_rows_that_were_there_are_shown_once_whatever_is_added(database: Database, sort: str) -> None:
    keep(database, [1, 5, 3, 3, None, 2, 4, 1])
    chance = random.Random(7)

    found = walk(
        database, lambda: keep(database, [chance.randint(0, 6)]) if chance.random() < 0.7 else None, sort=sort, size=2
    )

    assert sorted(one for one in found if one <= 8) == list(range(1, 9))
    assert len(found) == len(set(found))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ranks=st.lists(st.none() | st.integers(-3, 3), max_size=12),
    added=st.lists(st.integers(-3, 3), max_size=6),
    size=st.integers(1, 5),
    sort=st.sampled_from(["id", "-id", "rank", "-rank", "name", "-name"]),
)
def test_any_list_read_by_cursor_is_complete(
    tmp_path_factory: pytest.TempPathFactory, ranks: list[int | None], added: list[int], size: int, sort: str
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('list') / 'toys.db'}")
    toy.prepare(database)
    keep(database, ranks)
    to_add = iter(added)

    found = walk(
        database, lambda: keep(database, [n]) if (n := next(to_add, None)) is not None else None, sort=sort, size=size
    )
    database.close()

    assert len(found) == len(set(found))
    assert set(range(1, len(ranks) + 1)) <= set(found)


def test_numbered_pages_and_the_total(database: Database) -> None:
    keep(database, [None] * 7)

    second = page(database, size=3, page=2)

    assert ([row.id for row in second.items], second.total) == ([4, 5, 6], 7)
    assert page(database, size=3, page=3).next_cursor is None


def test_a_page_is_one_query_and_the_total_at_most_one_more(database: Database) -> None:
    keep(database, [1, 2, 3])
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda _c, _u, text, *_: statements.append(text))

    page(database, size=2)
    assert len(statements) == 2
    page(database, size=2, total=False)
    assert len(statements) == 3


def test_pages_far_away_are_read_with_the_cursor(any_database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        page(any_database, size=200, page=DEEPEST_PAGE)

    assert refused.value.errors[0]["pointer"] == "/page"


def a_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "====",
        "ä",
        a_cursor("name", "x", 1),
        a_cursor("rank", "many", 1),
        a_cursor("rank", 1, "one"),
        a_cursor("rank", 1, 2**70),
        a_cursor("rank", 2**70, 1),
        a_cursor("rank", 1),
        a_cursor("rank", [1], 1),
        a_cursor("rank", 1, None),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"5").decode(),
    ],
)
def test_a_forged_cursor_is_refused(any_database: Database, cursor: str) -> None:
    keep(any_database, [1, 2])

    with pytest.raises(Invalid) as refused:
        page(any_database, sort="rank", cursor=cursor)

    assert refused.value.errors[0]["pointer"] == "/cursor"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"], ids=["zero byte", "half a character"])
def test_a_cursor_with_characters_no_database_takes_is_refused(database: Database, text: str) -> None:
    with pytest.raises(Invalid):
        page(database, sort="name", cursor=a_cursor("name", text, 1))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", "soon"])
def test_a_moment_that_does_not_exist_is_refused(moment: str) -> None:
    with pytest.raises(ValueError, match=re.escape(moment) + "|month"):
        since(event_log.c.recorded_at)(moment)


def test_filters_search_and_fields(database: Database) -> None:
    keep(database, [1, 2, 3, 1])

    assert [row.id for row in page(database, rank="1,3").items] == [1, 3, 4]
    assert [row.name for row in page(database, q="EAR").items] == ["Bear", "bear"]
    assert [row.name for row in page(database, name="%").items] == []
    assert page(database, fields="name").items[0]._fields[:1] == ("name",)
    with pytest.raises(Invalid):
        page(database, fields="name,colour")
    with pytest.raises(Invalid):
        page(database, rank="many")


def test_over_http_a_list_refuses_what_it_does_not_know(client: Client) -> None:
    client.post("/toys", name="bear")

    assert client.get("/toys?sort=-name&size=1")["items"][0]["name"] == "bear"
    for query in ("sort=colour", "size=0", "size=201", "page=0", "nonsense=1", "sort=id&sort=name"):
        client.get(f"/toys?{query}", expect=422)


def test_a_list_that_knows_better_looks_up_what_is_typed_itself(database: Database) -> None:
    keep(database, [1, 2, 3, 4])
    by_rank = dataclasses.replace(toy.TOYS, search=(), finds=lambda text: toy.Toy.rank == len(text))

    with looking(database, "workshop") as tx:
        found = by_rank.page(tx, {"q": "abc"})

    assert ([row.name for row in found.items], found.total) == (["bear"], 1)
    assert "q" in by_rank.query_schema()().fields


def test_a_list_without_texts_is_not_searched() -> None:
    bare = dataclasses.replace(toy.TOYS, search=())

    assert "q" in toy.TOYS.query_schema()().fields
    assert "q" not in bare.query_schema()().fields


def test_a_list_of_somebodys_own_rows_shows_them_to_nobody_else_whatever_the_scope(database: Database) -> None:
    keep(database, [7, 8, None])
    own = dataclasses.replace(toy.TOYS, whose=toy.Toy.rank)

    for number, expected in ((7, [7]), (8, [8]), (9, [])):
        who = Principal(user_id=number, kind="user", scope="all")
        with looking(database, "workshop", principal=who) as tx:
            found = own.page(tx, {})
        assert ([row.rank for row in found.items], found.total) == (expected, len(expected))
