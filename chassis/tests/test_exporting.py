"""A list as a file: the same rows as on the screen, in words of one's own, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from chassis import exporting
from chassis.database import Database
from chassis.downloads import disposition
from chassis.fields import Money, View
from chassis.manifest import Service
from chassis.pages import Listing, equal
from chassis.principal import Principal
from chassis.routes import Misfit, Route
from chassis.sheets import as_typed, harmless, write_csv, write_xlsx
from chassis.testing.stage import Client, Stage, some_settings
from tests import toy

ADA = Principal(user_id=7, name="Ada", role="maker", kind="user")


def rows_of(raw: bytes) -> list[list[str]]:
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def sheet_of(raw: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()


def fetch(client: Client, path: str, **headers: str) -> Any:
    return client.client.get(path, headers=headers)


def test_a_file_has_the_rows_of_the_list_in_the_same_order_under_titles(workshop: Stage, client: Client) -> None:
    for name, rank in (("bear", 2), ("fox", None), ("bee", 1)):
        client.post("/toys", name=name, rank=rank) if rank else client.post("/toys", name=name)

    answer = fetch(client, "/toys/export?sort=-rank&name=e&lang=zh")

    assert rows_of(answer.data) == [["编号", "名称", "Rank", "版本"], ["1", "bear", "2", "1"], ["3", "bee", "1", "1"]]
    assert answer.content_type == "text/csv; charset=utf-8"
    assert f"toys-{datetime.now(UTC):%Y-%m-%d}" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_fields_and_records_that_were_asked_for(client: Client) -> None:
    for name in ("bear", "fox", "bee"):
        client.post("/toys", name=name)

    answer = fetch(client, "/toys/export?fields=name,id&ids=3,1,99&sort=id")

    assert rows_of(answer.data) == [["Name", "Id"], ["bear", "1"], ["bee", "3"]]


@pytest.mark.parametrize(
    ("asked", "accepted", "title"),
    [("", "zh-CN,zh;q=0.9,en;q=0.8", "名称"), ("", "fr", "Name"), ("&lang=en", "zh", "Name"), ("", "", "Name")],
)
def test_titles_come_in_the_language_of_the_reader(client: Client, asked: str, accepted: str, title: str) -> None:
    answer = fetch(client, f"/toys/export?fields=name{asked}", **{"Accept-Language": accepted})

    assert rows_of(answer.data) == [[title]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("format=pdf", "/format"),
        ("lang=fr", "/lang"),
        ("fields=colour", "/fields"),
        ("ids=1,x", "/ids"),
        ("ids=99999999999999999999", "/ids"),
        ("rank=high", "/rank"),
        ("sort=colour", "/sort"),
        ("page=2", "/page"),
        ("cursor=abc", "/cursor"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_a_file_begins(client: Client, query: str, pointer: str) -> None:
    problem = client.get(f"/toys/export?{query}", expect=422)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_whoever_may_not_see_the_list_gets_no_file(workshop: Stage) -> None:
    assert workshop.client(ADA, "toy:write").get("/toys/export", expect=403)["needs"] == "toy:read"


def test_a_list_beyond_the_limit_is_refused_and_one_at_the_limit_is_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    for name in ("bear", "fox"):
        client.post("/toys", name=name)
    assert len(rows_of(fetch(client, "/toys/export").data)) == 3

    client.post("/toys", name="bee")

    problem = client.get("/toys/export", expect=422)
    assert (problem["type"], problem["limit"]) == ("/problems/too-many-rows", 2)
    assert len(rows_of(fetch(client, "/toys/export?name=bee").data)) == 2


def test_pages_neither_repeat_nor_miss_a_row(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exporting.FOREVER, "size", 2)
    for number in range(7):
        client.post("/toys", name="same", **({"rank": number // 3} if number % 2 else {}))

    for sort in ("name", "-name", "rank", "-rank", "id", "-id"):
        exported = [row[0] for row in rows_of(fetch(client, f"/toys/export?sort={sort}").data)[1:]]
        assert exported == [str(toy["id"]) for toy in client.get(f"/toys?sort={sort}")["items"]], sort


def test_a_page_is_the_longest_that_a_connection_is_held(workshop: Stage, client: Client) -> None:
    client.post("/toys", name="bear")
    answer = client.client.get("/toys/export", buffered=False)

    in_use = getattr(workshop.database.engine.pool, "checkedout", lambda: 0)()

    assert in_use == 0
    assert b"bear" in answer.data


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1+1", "=cmd|' /C calc'!A0", "'=1"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_can_be_read_back(text: str) -> None:
    cell = harmless(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "＝"))
    assert as_typed(cell) == text


@pytest.mark.parametrize("text", ["", "Acme", "O'Neill", "'tis", "a=b", " =1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text == as_typed(text)


def test_a_formula_typed_as_a_name_is_text_in_both_forms(client: Client) -> None:
    client.post("/toys", name="=1+1")

    assert rows_of(fetch(client, "/toys/export?fields=name").data)[1] == ["'=1+1"]
    assert sheet_of(fetch(client, "/toys/export?fields=name&format=xlsx").data)[1] == ["=1+1"]


class Thing(View):
    """Something with every kind of cell."""

    name = ma.fields.String(required=True)
    price = Money(negative=True, required=True)
    made_at = ma.fields.AwareDateTime(required=True)
    day = ma.fields.Date(required=True)
    is_sold = ma.fields.Boolean(required=True)
    pieces = ma.fields.Integer(required=True)


THING = {
    "name": "-1",
    "price": "-505.30",
    "made_at": datetime.fromisoformat("2026-01-31T23:30:00+01:00"),
    "day": date(2026, 2, 28),
    "is_sold": True,
    "pieces": None,
}
COLUMNS = [exporting.Column(name, name.upper(), exporting.kind_of(field)) for name, field in Thing().fields.items()]


def test_csv_has_plain_decimals_and_moments_in_utc() -> None:
    blocks, _ = write_csv(COLUMNS, [THING])

    assert rows_of(b"".join(blocks))[1] == ["'-1", "-505.30", "2026-01-31T22:30:00Z", "2026-02-28", "true", ""]


def test_xlsx_has_real_dates_real_numbers_and_real_booleans() -> None:
    blocks, size = write_xlsx(COLUMNS, [THING])
    raw = b"".join(blocks)

    assert len(raw) == size
    [titles, cells] = sheet_of(raw)
    assert titles[2] == "MADE_AT (UTC)"
    assert cells[:5] == ["-1", -505.3, datetime.fromisoformat("2026-01-31T22:30"), date(2026, 2, 28), True]


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_stays_exact() -> None:
    big = THING | {"price": "99999999999999.99", "pieces": 9007199254740993}
    fits = THING | {"price": "9999999999999.9", "pieces": 7}

    [_, large, small] = sheet_of(b"".join(write_xlsx(COLUMNS, [big, fits])[0]))

    assert (large[1], large[5]) == ("99999999999999.99", "9007199254740993")
    assert (small[1], small[5]) == (9999999999999.9, 7)


def test_a_name_of_any_letters_is_a_safe_header() -> None:
    assert disposition('客户"\r\n.csv') == (
        "attachment; filename=\"_____.csv\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7%22%0D%0A.csv"
    )


@pytest.fixture
def many(workshop: Stage) -> Stage:
    rows = [{"name": f"toy {number}", "colour": "", "is_sold": False, "version": 1} for number in range(50_000)]
    with workshop.database.connection() as connection:
        connection.execute(sa.insert(toy.Toy.__table__), rows)
    return workshop


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_fifty_thousand_rows_need_no_more_memory_than_a_few_pages(many: Stage, client: Client, form: str) -> None:
    fetch(client, "/toys/export?ids=1&format=" + form)  # what is loaded once is not counted
    tracemalloc.start()
    answer = client.client.get(f"/toys/export?format={form}", buffered=False)
    size = sum(len(block) for block in answer.response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 300_000
    assert peak < 12_000_000


def test_two_pages_cost_two_statements_and_the_count_one(client: Client, workshop: Stage) -> None:
    client.post("/toys", name="bear")
    sent: list[str] = []
    sa.event.listen(workshop.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    assert fetch(client, "/toys/export").data

    assert len(sent) == 2


def test_a_route_says_whether_it_is_exported() -> None:
    listing: Any = {"method": "GET", "path": "/toys", "lists": toy.TOYS, "gives": toy.ToyView, "needs": "toy:read"}

    assert Route(**listing).is_exported
    assert not Route(**listing, exports=False).is_exported
    with pytest.raises(Misfit):
        Route(method="POST", path="/toys", calls=toy.make_toy, takes=toy.NewToy, needs="toy:write", exports=True)
    with pytest.raises(Misfit):
        Service(
            name="workshop", title="", metadata=toy.Base.metadata, migrations=toy.workshop.migrations,
            routes=[Route(method="GET", path="/toys/<int:toy_id>", calls=toy.get_toy, gives=toy.ToyView,
                          needs="toy:read", exports=True)],
        ).all_routes()  # fmt: skip


def test_the_data_scope_holds_in_the_file(any_database: Database) -> None:
    own = Listing(
        columns={"id": toy.Toy.id, "rank": toy.Toy.rank}, key=toy.Toy.id, owners=(toy.Toy.rank,),
        filters={"rank": equal(toy.Toy.rank)}, sorts={"id": toy.Toy.id}, default_sort="id",
    )  # fmt: skip

    class OwnedView(View):
        """A toy and its owner."""

        id = ma.fields.Integer(required=True)
        rank = ma.fields.Integer(required=True)

    route = Route(method="GET", path="/mine", lists=own, gives=OwnedView, needs="toy:read")
    service = Service(
        name="workshop", title="", metadata=toy.Base.metadata, migrations=toy.workshop.migrations, routes=[route]
    )
    stage = Stage(service, any_database, some_settings("workshop", str(any_database.url)))
    for rank in (7, 8, 7):
        with stage.doing() as tx:
            toy.make_toy(tx, "bear", rank)
    mine = stage.client(Principal(user_id=7, name="Ada", role="maker", kind="user", scope="own"), "toy:read")

    assert rows_of(fetch(mine, "/mine/export").data)[1:] == [["1", "7"], ["3", "7"]]
    assert rows_of(fetch(mine, "/mine/export?ids=2").data)[1:] == []
