"""Customers by the table: known again, corrected, opened, refused row by row."""

from __future__ import annotations

from typing import Any

from chassis.testing.stage import Client, Stage

ROW = {"reference": "A-1", "name": "Acme", "region": "North", "level": 1}


def send(sue: Client, *rows: dict[str, Any], expect: int = 200, **options: Any) -> Any:
    return sue.post("/customers/bulk", expect=expect, rows=list(rows), **options)


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["created"], answer["updated"], answer["unchanged"], len(answer["refused"])


def test_a_second_import_changes_nothing(stage: Stage, sue: Client) -> None:
    rows = [ROW, ROW | {"reference": "A-2", "name": "Beta"}]
    assert counts(send(sue, *rows)) == (2, 0, 0, 0)
    stage.said()

    assert counts(send(sue, *rows)) == (0, 0, 2, 0)
    assert stage.said() == []


def test_a_customer_is_known_by_its_reference_and_corrected(stage: Stage, sue: Client) -> None:
    send(sue, ROW)
    stage.said()

    assert counts(send(sue, ROW | {"name": "Acme Ltd", "level": 3}, ROW | {"reference": "A-2", "name": "New"})) == (
        1, 1, 0, 0,
    )  # fmt: skip

    told = dict(stage.said())
    assert told["crm.customer.customer.edited"]["changes"] == {
        "name": {"old": "Acme", "new": "Acme Ltd"},
        "level": {"old": 1, "new": 3},
    }


def test_a_customer_without_reference_is_known_by_its_name(sue: Client, acme: dict[str, Any]) -> None:
    row = {"name": "ACME ", "region": "South", "level": 2}

    assert counts(send(sue, row)) == (0, 1, 0, 0)

    shown = sue.get(f"/customers/{acme['customer_no']}")
    assert (shown["name"], shown["region"], shown["manager_id"]) == ("ACME", "South", 7)


def test_a_reference_is_given_to_whoever_has_the_name(sue: Client, acme: dict[str, Any]) -> None:
    send(sue, ROW)

    assert sue.get(f"/customers/{acme['customer_no']}")["reference"] == "A-1"


def test_a_name_of_somebody_else_is_refused(sue: Client) -> None:
    send(sue, ROW, ROW | {"reference": "A-2", "name": "Beta"})

    for reference in ("A-2", "A-3"):
        problem = send(sue, ROW | {"reference": reference}, expect=422)
        assert "KH" in problem["errors"][0]["detail"]


def test_rows_that_mean_the_same_customer_are_refused(sue: Client) -> None:
    rows = [ROW, ROW | {"name": "Other"}, ROW | {"reference": "A-2", "name": "acme"}]

    answer = send(sue, *rows, on_error="skip")

    assert counts(answer) == (1, 0, 0, 2)
    assert [one["pointer"] for one in answer["refused"]] == ["/rows/1/reference", "/rows/2/name"]


def test_a_manager_is_named_by_login_or_id(sue: Client) -> None:
    rows = [ROW | {"manager_login": "bob"}, ROW | {"reference": "A-2", "name": "B", "manager_id": 7}]
    rows += [ROW | {"reference": "A-3", "name": "C"}]
    assert counts(send(sue, *rows)) == (3, 0, 0, 0)

    shown = sue.get("/customers?sort=name")["items"]
    assert [one["manager_name"] for one in shown] == ["Bob", "Mei", "Sue"]


def test_a_manager_must_be_an_active_account_manager(sue: Client) -> None:
    rows = [ROW | {"manager_login": "sue"}, ROW | {"reference": "A-2", "name": "B", "manager_id": 99}]

    problem = send(sue, *rows, expect=422)

    assert [one["pointer"] for one in problem["errors"]] == ["/rows/0/manager_login", "/rows/1/manager_id"]


def test_a_customer_was_opened_in_the_past(stage: Stage, sue: Client) -> None:
    problem = send(sue, ROW | {"opened_at": "2199-01-01T00:00:00Z"}, expect=422)
    assert problem["errors"][0]["pointer"] == "/rows/0/opened_at"

    send(sue, ROW | {"opened_at": "2010-05-06T00:00:00Z"})
    assert sue.get("/customers")["items"][0]["opened_at"] == "2010-05-06T00:00:00Z"


def test_a_deleted_customer_is_not_corrected(mei: Client, sue: Client) -> None:
    send(sue, ROW | {"manager_login": "mei"})
    [acme] = mei.get("/customers")["items"]
    mei.delete(f"/customers/{acme['customer_no']}", version=1)

    problem = send(sue, ROW, expect=422)

    assert problem["errors"][0]["detail"] == f"{acme['customer_no']} was deleted"


def test_one_wrong_row_keeps_all_out_unless_skipped(sue: Client) -> None:
    rows = [ROW, ROW | {"reference": "A-2", "name": "", "level": 9}]

    problem = send(sue, *rows, expect=422)
    assert problem["type"] == "/problems/rows-refused"
    assert sue.get("/customers")["total"] == 0

    assert counts(send(sue, *rows, on_error="skip")) == (1, 0, 0, 2)
    assert sue.get("/customers")["total"] == 1


def test_a_dry_run_keeps_nothing(stage: Stage, sue: Client) -> None:
    stage.said()

    assert counts(send(sue, ROW, dry_run=True)) == (1, 0, 0, 0)

    assert sue.get("/customers")["total"] == 0
    assert stage.said() == []


def test_a_thousand_customers_cost_few_statements(sue: Client, statements: Any) -> None:
    rows = [ROW | {"reference": f"A-{number}", "name": f"Customer {number}"} for number in range(1000)]

    with statements() as sent:
        send(sue, *rows)

    assert len([one for one in sent if not one.startswith("BEGIN")]) <= 10
