"""Customers found by what people type: Chinese, letters, digits; by index, on both databases."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.testing.stage import Client, Stage
from chassis.testing.statements import statements as statements_of
from customer.customer.model import Customer
from customer.search.commands import index_earlier_customers
from customer.search.model import LONGEST_WORD, customer_word, squeezed, terms_of, words_of
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI
from services.customer.tests.tables import done, undone

MAY = [*MANAGER_MAY, "customer:merge", "customer:import"]
PEOPLE = {
    "张三丰科技有限公司": "+86 138-0013-8000",
    "单氏重庆火锅": "010-87654321",
    "ACME Trading Co., Ltd.": "",
    "Ａｃｍｅ Ｈｏｌｄｉｎｇ": "",
    "华星O2O贸易": "",
}


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    client = each_stage.client(MEI, *MAY)
    for name, phone in PEOPLE.items():
        client.post("/customers", name=name, region="North", level=1, phone=phone, although_known=True)
    return client


def found(client: Client, text: str) -> list[str]:
    asked = {"q": text, "sort": "customer_no"}
    return [one["name"] for one in client.client.get("/customers", query_string=asked).get_json()["items"]]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("三丰", ["张三丰科技有限公司"]),
        ("丰", ["张三丰科技有限公司"]),
        ("有限公司", ["张三丰科技有限公司"]),
        ("zhangsan", ["张三丰科技有限公司"]),
        ("zsf", ["张三丰科技有限公司"]),
        ("ZSFKJ", ["张三丰科技有限公司"]),
        ("keji", ["张三丰科技有限公司"]),
        ("shanshi", ["单氏重庆火锅"]),
        ("danshi", ["单氏重庆火锅"]),
        ("chongqing", ["单氏重庆火锅"]),
        ("cqhg", ["单氏重庆火锅"]),
        ("8000", ["张三丰科技有限公司"]),
        ("138 0013", ["张三丰科技有限公司"]),
        ("010-8765", ["单氏重庆火锅"]),
        ("acme", ["ACME Trading Co., Ltd.", "Ａｃｍｅ Ｈｏｌｄｉｎｇ"]),
        ("ａｃｍｅ", ["ACME Trading Co., Ltd.", "Ａｃｍｅ Ｈｏｌｄｉｎｇ"]),
        ("trad", ["ACME Trading Co., Ltd."]),
        ("rading", ["ACME Trading Co., Ltd."]),
        ("trading acme", ["ACME Trading Co., Ltd."]),
        ("acme tradingx", []),
        ("o2o", ["华星O2O贸易"]),
        ("hxo2omy", ["华星O2O贸易"]),
        ("华星 贸易", ["华星O2O贸易"]),
        ("张 acme", []),
        ("丰三", []),
        (".,", ["ACME Trading Co., Ltd."]),
        (".", ["ACME Trading Co., Ltd."]),
        ("%", []),
        ("_", []),
    ],
)
def test_a_customer_is_found_by_what_people_type(mei: Client, typed: str, names: list[str]) -> None:
    assert found(mei, typed) == names


def test_a_customer_is_found_by_its_number_and_by_the_end_of_it(mei: Client) -> None:
    number = mei.get("/customers?q=o2o")["items"][0]["customer_no"]

    for typed in (number, number.lower(), number[2:], number[-7:], number[:10]):
        assert "华星O2O贸易" in found(mei, typed)


def test_nobody_finds_whom_he_may_not_see_nor_who_was_deleted(each_stage: Stage, mei: Client) -> None:
    assert found(each_stage.client(BOB, *MAY), "acme") == []

    number = mei.get("/customers?q=trading")["items"][0]["customer_no"]
    mei.delete(f"/customers/{number}", version=1)

    assert found(mei, "acme") == ["Ａｃｍｅ Ｈｏｌｄｉｎｇ"]


def in_words(stage: Stage) -> set[tuple[str, str]]:
    with stage.database.reading() as session:
        return {tuple(row) for row in session.execute(sa.select(customer_word))}  # type: ignore[misc]


def as_it_should_be(stage: Stage) -> set[tuple[str, str]]:
    with stage.database.reading() as session:
        customers = list(session.scalars(sa.select(Customer)))
    return {(word, one.customer_no) for one in customers for word in words_of(one)}


def test_words_follow_every_way_in_which_a_name_changes(each_stage: Stage, mei: Client) -> None:
    one, two = (mei.get(f"/customers?q={typed}")["items"][0]["customer_no"] for typed in ("o2o", "zsf"))
    mei.patch(f"/customers/{one}", version=1, name="Duck")
    mei.patch(f"/customers/{one}", version=2, phone="021-555555")
    mei.patch(f"/customers/{one}", version=3, address="Elsewhere")
    assert in_words(each_stage) == as_it_should_be(each_stage)
    assert (found(mei, "duck"), found(mei, "o2o"), found(mei, "5555")) == (["Duck"], [], ["Duck"])

    rows = [{"name": "duck", "region": "North", "level": 1, "phone": "022-666666"},
            {"name": "Imported", "region": "North", "level": 1}]  # fmt: skip
    each_stage.client(MEI, *MAY).post("/customers/bulk", expect=200, rows=rows)
    assert in_words(each_stage) == as_it_should_be(each_stage)
    mei.post(f"/customers/{one}/merge", expect=200, absorbed=two, take=["name"])
    assert in_words(each_stage) == as_it_should_be(each_stage)
    assert found(mei, "zsf") == ["张三丰科技有限公司"]


def test_an_import_that_is_taken_back_gives_the_words_back(stage: Stage) -> None:
    boss = stage.client()
    boss.post("/customers/bulk", expect=200, rows=[{"reference": "A", "name": "Acme", "region": "N", "level": 1}])
    job = done(stage, boss, "外部编号,客户名称,地区,客户等级\nA,Duck,N,1\n".encode())
    assert in_words(stage) == as_it_should_be(stage)

    undone(stage, boss, job)

    assert in_words(stage) == as_it_should_be(stage)
    assert found(boss, "acme") == ["Acme"]


def test_an_upgrade_finds_words_for_those_who_were_there_before(each_stage: Stage, mei: Client) -> None:
    before = in_words(each_stage)
    with each_stage.doing() as tx:
        tx.execute(sa.delete(customer_word))
        tx.execute(sa.update(Customer).values(name_core="", phone_digits=""))
    each_stage.said()

    for _ in range(2):
        with each_stage.doing() as tx:
            index_earlier_customers(tx, each_stage.settings)

    assert in_words(each_stage) == before
    assert each_stage.said() == []
    assert len(mei.get("/customers/duplicates?phone=13800138000")["items"]) == 1


@given(name=st.text(min_size=1, max_size=40), cut=st.data())
@settings(max_examples=200, deadline=None)
def test_any_part_of_a_name_finds_it(name: str, cut: Any) -> None:
    whole = squeezed(name)
    if not whole:
        return
    start = cut.draw(st.integers(0, len(whole) - 1))
    end = cut.draw(st.integers(start + 1, min(len(whole), start + LONGEST_WORD)))
    words = words_of(Customer(customer_no="KH1", name=name, phone=""))

    for term in terms_of(whole[start:end]):
        assert any(word.startswith(term) for word in words)


def test_names_of_many_readings_stay_few_words() -> None:
    assert len(words_of(Customer(customer_no="KH1", name="单" * 100, phone="1" * 50))) < 1500


def test_a_search_costs_what_a_list_costs_and_reads_the_words_by_index(
    stage: Stage, sue: Client, statements: Any
) -> None:
    some = random.Random(7)
    names = ["".join(some.choice("华星贸易科技东方中天") for _ in range(6)) + str(n) for n in range(300)]
    rows = [{"reference": name, "name": name, "region": "N", "level": 1, "manager_login": "mei"} for name in names]
    stage.client().post("/customers/bulk", expect=200, rows=rows)

    with statements() as sent:
        page = sue.get("/customers?q=hx")

    assert page["total"] > 0
    assert len(sent) == 2
    with stage.database.engine.connect() as connection:
        plan = connection.execute(sa.text("EXPLAIN QUERY PLAN " + sent[1].replace("?", "1"))).all()
    details = [step.detail for step in plan]
    assert any("SEARCH cst_customer_word USING PRIMARY KEY (word>? AND word<?)" in step for step in details), details


def test_a_customer_costs_one_statement_more_for_its_words(each_stage: Stage, mei: Client) -> None:
    number = mei.get("/customers?q=o2o")["items"][0]["customer_no"]
    with statements_of(each_stage.database) as sent:
        mei.patch(f"/customers/{number}", version=1, address="Elsewhere")
    assert not [one for one in sent if "cst_customer_word" in one]

    with statements_of(each_stage.database) as sent:
        mei.patch(f"/customers/{number}", version=2, name="Duck")
    assert len([one for one in sent if "cst_customer_word" in one]) == 2
