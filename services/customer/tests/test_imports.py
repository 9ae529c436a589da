"""Files that become records: kept part by part, told row by row, gone on with after a crash, and taken back."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.importing import undoing
from chassis.importing import worker as at_work
from chassis.importing.tables import import_file, import_job, import_part
from chassis.importing.worker import Importer
from chassis.principal import Principal
from chassis.tables import event_log
from chassis.testing.stage import Client, Stage
from customer.service import service
from services.customer.tests.conftest import MANAGER_MAY, MEI, SUPERVISOR_MAY

HEADER = "外部编号,客户名称,地区,客户等级\n"
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)]
TOM = Principal(user_id=11, name="Tom", role="supervisor", kind="user", scope="own")


@pytest.fixture(params=BOTH)
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same stories on both databases."""
    found: Stage = request.getfixturevalue("lite_stage" if request.param == "sqlite" else "pg_stage")
    return found


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows are a part, so that small files have many."""
    monkeypatch.setattr(at_work, "MOST_ROWS", 10)


def customers(count: int, *, level: int = 1, first: int = 0) -> bytes:
    rows = (f"A-{number},Customer {number},North,{level}\n" for number in range(first, first + count))
    return (HEADER + "".join(rows)).encode()


def send(client: Client, content: bytes, noun: str = "customers", name: str = "file.csv", **fields: Any) -> Any:
    return client.upload(f"/{noun}/imports", name, content, expect=202, **fields)


def done(stage: Stage, client: Client, content: bytes, noun: str = "customers", **fields: Any) -> dict[str, Any]:
    """The job after the worker has done it."""
    job = send(client, content, noun, **fields)
    stage.imports()
    shown: dict[str, Any] = client.get(f"/{noun}/imports/{job['id']}")
    return shown


def undone(stage: Stage, client: Client, job: dict[str, Any], noun: str = "customers") -> dict[str, Any]:
    client.post(f"/{noun}/imports/{job['id']}/undo", expect=202)
    stage.imports()
    shown: dict[str, Any] = client.get(f"/{noun}/imports/{job['id']}")
    return shown


def work_until_done(stage: Stage) -> None:
    """What lost a race waits a second, as it should."""
    for _ in range(100):
        stage.imports()
        with stage.database.reading() as session:
            if not session.scalar(sa.select(import_job.c.id).where(import_job.c.state != "done")):
                return
        time.sleep(0.1)


def counts(job: dict[str, Any]) -> tuple[str, int, int, int, int]:
    return job["state"], job["created"], job["updated"], job["unchanged"], job["refused"]


def faults(client: Client, job: dict[str, Any], noun: str = "customers") -> list[tuple[int, str, str]]:
    found = client.get(f"/{noun}/imports/{job['id']}/faults")["items"]
    return [(one["row"], one["column"], one["reason"]) for one in found]


def test_a_file_is_kept_part_by_part_and_its_progress_can_be_read(stage: Stage, sue: Client, small_parts: None) -> None:
    job = send(sue, customers(25), on_error="skip")
    assert (job["state"], job["rows_total"]) == ("waiting", 0)
    importer = Importer(stage.database, "customer", service.imports)

    seen = []
    while importer.step():
        shown = sue.get(f"/customers/imports/{job['id']}")
        seen.append((shown["state"], shown["rows_done"], shown["created"]))

    assert seen == [("importing", 0, 0), ("importing", 10, 10), ("importing", 20, 20), ("done", 25, 25)]
    assert sue.get("/customers?size=1")["total"] == 25
    assert shown["columns"][0] == {"header": "外部编号", "field": "reference"}
    assert (shown["form"], shown["encoding"], shown["owner_name"]) == ("csv", "utf-8", "Sue")
    assert shown["finished_at"] is not None


def test_all_that_an_import_says_has_one_story_and_its_author(stage: Stage, sue: Client, small_parts: None) -> None:
    stage.said()
    job = done(stage, sue, customers(12))

    with stage.database.reading() as session:
        envelopes = [bytes(raw) for raw in session.scalars(sa.select(event_log.c.envelope))]
    opened = [raw for raw in envelopes if b"customer.customer.opened" in raw]

    assert len(opened) == 12
    assert all(job["story"].encode() in raw and b'"authname":"Sue"' in raw for raw in opened)


def test_the_file_is_not_kept_longer_than_it_is_needed(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(3))
    done(stage, sue, b"nonsense\n1\n")
    stopped = send(sue, customers(3, first=9))
    sue.post(f"/customers/imports/{stopped['id']}/cancellation", expect=200)

    assert (stage.count(import_file), stage.count(import_part)) == (0, 0)


def test_a_second_import_of_the_same_file_changes_nothing(stage: Stage, sue: Client) -> None:
    assert counts(done(stage, sue, customers(3))) == ("done", 3, 0, 0, 0)
    stage.said()

    assert counts(done(stage, sue, customers(3))) == ("done", 0, 0, 3, 0)
    assert stage.said() == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("create", ("done", 1, 0, 0, 2)),
        ("update", ("done", 0, 2, 0, 1)),
        ("create-or-update", ("done", 1, 2, 0, 0)),
    ],
)
def test_the_mode_says_whether_records_are_made_or_changed(
    stage: Stage, sue: Client, mode: str, expected: tuple[str, int, int, int, int]
) -> None:
    done(stage, sue, customers(2))

    job = done(stage, sue, customers(3, level=2), mode=mode, on_error="skip")

    assert counts(job) == expected
    words = {"create": "There is such a record already", "update": "There is no such record"}
    assert all(reason.startswith(words[mode]) for _, _, reason in faults(sue, job))


def test_with_stop_one_wrong_row_keeps_all_out_and_every_reason_is_told(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    rows = customers(25).decode().splitlines(keepends=True)
    rows[3] = "A-2,,North,1\n"
    rows[20] = "A-19,Customer 19,North,nine\n"
    rows[21] = "A-20,Customer 20,North,9\n"

    job = done(stage, sue, "".join(rows).encode())

    assert counts(job) == ("refused", 22, 0, 0, 3)
    assert job["reason"] == "Rows were refused, so none was kept"
    assert sorted(faults(sue, job)) == [
        (4, "客户名称", "Missing data for required field."),
        (21, "客户等级", "The cell is not a number"),
        (22, "客户等级", "Must be one of: 1, 2, 3, 4, 5."),
    ]
    assert sue.get("/customers")["total"] == 0
    sue.post(f"/customers/imports/{job['id']}/undo", expect=409)


def test_with_skip_the_good_rows_are_kept_and_the_others_can_be_downloaded(stage: Stage, sue: Client) -> None:
    content = HEADER + "A-1,Acme,North,1\nA-2,Beta,North,=1+1\n"

    job = done(stage, sue, content.encode(), on_error="skip")

    assert counts(job) == ("done", 1, 0, 0, 1)
    raw = sue.client.get(f"/customers/imports/{job['id']}/faults/export?lang=zh").get_data().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(raw))
    assert row == {"行": "3", "列": "客户等级", "记录": "", "值": "'=1+1", "原因": "The cell is not a number"}


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(stage: Stage, sue: Client, small_parts: None) -> None:
    done(stage, sue, customers(2))
    stage.said()

    job = done(stage, sue, customers(15, level=2), dry_run="true")

    assert counts(job) == ("checked", 13, 2, 0, 0)
    assert stage.said() == []
    assert sue.get("/customers")["total"] == 2


def test_a_cancelled_import_stops_and_what_it_kept_can_be_taken_back(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    job = send(sue, customers(25), on_error="skip")
    importer = Importer(stage.database, "customer", service.imports)
    importer.step()
    importer.step()

    assert sue.post(f"/customers/imports/{job['id']}/cancellation", expect=200)["state"] == "cancelled"
    stage.imports()

    assert sue.get("/customers")["total"] == 10
    assert sue.post(f"/customers/imports/{job['id']}/cancellation", expect=409)["state"] == "cancelled"
    assert undone(stage, sue, job)["undone"] == 10
    assert sue.get("/customers")["total"] == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("file.xlsm", b"x", "This form of file is not read"),
        ("file.csv", b"a\x00b", "zero bytes"),
        ("file.xlsx", b"PK\x03\x04 and no more", "damaged or cut off"),
        ("file.csv", b"", "The file is empty."),
    ],
)
def test_what_is_no_table_is_refused_at_once(sue: Client, name: str, content: bytes, said: str) -> None:
    problem = sue.upload("/customers/imports", name, content, expect=422)

    assert problem["errors"][0]["pointer"] == "/file"
    assert said in problem["errors"][0]["detail"]


def test_a_file_that_is_too_large_is_refused(sue: Client) -> None:
    assert sue.upload("/customers/imports", "f.csv", b"x" * (5 * 1024 * 1024 + 1), expect=413)["limit_bytes"] == 5242880
    assert sue.upload("/customers/imports", "f.csv", b"x" * 50_000_000, expect=413)["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    ("field", "value"),
    [("mode", "replace"), ("on_error", "ignore"), ("dry_run", "perhaps"), ("mapping", "[1]"), ("mapping", '{"a": "b"}'),
     ("colour", "red")],
)  # fmt: skip
def test_a_wrong_word_is_refused(sue: Client, field: str, value: str) -> None:
    problem = sue.upload("/customers/imports", "file.csv", customers(1), expect=422, **{field: value})

    assert problem["errors"][0]["pointer"] == f"/{field}"


def test_a_file_comes_as_a_form(sue: Client) -> None:
    assert sue.post("/customers/imports", expect=415, file="x")["type"] == "/problems/unsupported-media-type"
    answer = sue.client.post("/customers/imports", data={"file": "text"}, content_type="multipart/form-data")
    assert answer.get_json()["errors"] == [{"pointer": "/file", "detail": "Send a file."}]


def test_a_wrong_header_ends_the_import_with_its_reason(stage: Stage, sue: Client) -> None:
    job = done(stage, sue, b"reference,colour\nA-1,red\n")

    assert (job["state"], job["rows_total"]) == ("refused", 0)
    assert job["reason"].startswith("No field is called so")
    assert faults(sue, job)[0][:2] == (1, "colour")


def test_titles_of_ones_own_are_mapped(stage: Stage, sue: Client) -> None:
    content = b"Nr;Firma;Ort;Stufe;Notiz\n1;Acme;North;1;x\n"
    mapping = '{"Nr": "reference", "Firma": "客户名称", "Ort": "region", "Stufe": "level", "Notiz": null}'

    assert counts(done(stage, sue, content, mapping=mapping)) == ("done", 1, 0, 0, 0)


def test_what_was_exported_can_be_changed_and_imported(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(2))
    fields = "fields=reference,name,region,level"
    for form in ("csv", "xlsx"):
        raw = sue.client.get(f"/customers/export?format={form}&lang=zh&{fields}").get_data()
        assert counts(done(stage, sue, raw, name=f"x.{form}")) == ("done", 0, 0, 2, 0)

    changed = sue.client.get(f"/customers/export?{fields}").get_data().replace(b"North", b"South")
    assert counts(done(stage, sue, changed)) == ("done", 0, 2, 0, 0)


@pytest.mark.parametrize("noun", [declared.noun for declared in service.imports])
def test_every_noun_has_a_template_that_its_own_import_reads(stage: Stage, sue: Client, noun: str) -> None:
    for form in ("csv", "xlsx"):
        raw = sue.client.get(f"/{noun}/imports/template?format={form}&lang=zh").get_data()
        job = done(stage, sue, raw, noun, name=f"x.{form}")
        assert job["reason"] == "The file has a header and no rows"


def test_one_sees_ones_own_imports_only_and_never_those_of_another_noun(stage: Stage, sue: Client) -> None:
    job = done(stage, sue, customers(1))
    tom = stage.client(TOM, *SUPERVISOR_MAY)

    tom.get(f"/customers/imports/{job['id']}", expect=404)
    tom.post(f"/customers/imports/{job['id']}/undo", expect=404)
    assert tom.get("/customers/imports")["total"] == 0
    assert tom.get(f"/customers/imports/{job['id']}/faults")["total"] == 0
    sue.get(f"/products/imports/{job['id']}", expect=404)
    assert stage.client(MEI, *MANAGER_MAY).get("/customers/imports", expect=403)["needs"] == "customer:import"


def test_a_repeated_request_starts_one_import(stage: Stage, sue: Client) -> None:
    def start(content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "file.csv")}
        return sue.client.post("/customers/imports", data=data, headers={"Idempotency-Key": "k"})

    first, second = start(customers(1)), start(customers(1))

    assert first.json == second.json
    assert stage.count(import_job) == 1
    assert start(customers(2)).status_code == 422


# What was interrupted, and what happens at once


def test_a_part_that_fails_is_tried_again_and_doubles_nothing(
    stage: Stage, sue: Client, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = Counter[str]()

    def fail_second(name: str) -> None:
        passes[name] += 1
        if passes[name] == 2:
            raise RuntimeError("the power went out")

    monkeypatch.setattr(at_work, "failpoint", fail_second)

    job = done(stage, sue, customers(25), on_error="skip")

    assert counts(job) == ("done", 25, 0, 0, 0)
    assert sue.get("/customers")["total"] == 25
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 25
    assert passes["importing.before_commit"] == 4


def test_what_fails_for_ever_ends_with_a_reason(stage: Stage, sue: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(at_work, "failpoint", fail)
    monkeypatch.setattr(at_work, "RETRY_AFTER", (at_work.RETRY_AFTER[0],) * 3)

    job = done(stage, sue, customers(3), on_error="skip")

    assert job["state"] == "failed"
    assert job["reason"] == "It failed again and again: RuntimeError"
    assert sue.get("/customers")["total"] == 0


def test_two_imports_at_once_and_two_workers_keep_each_row_once(stage: Stage, sue: Client, small_parts: None) -> None:
    mine, same = send(sue, customers(60), on_error="skip"), send(sue, customers(60), on_error="skip")
    other = send(sue, customers(40, first=100), on_error="skip")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: work_until_done(stage), range(3)))

    jobs = [sue.get(f"/customers/imports/{job['id']}") for job in (mine, same, other)]
    assert [job["state"] for job in jobs] == ["done", "done", "done"]
    assert jobs[0]["created"] + jobs[1]["created"] == 60
    assert jobs[0]["unchanged"] + jobs[1]["unchanged"] == 60
    assert jobs[2]["created"] == 40
    assert sue.get("/customers?size=1")["total"] == 100
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 100


# Taking it back


def test_undo_takes_back_what_was_made_and_gives_back_what_was_changed(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    done(stage, sue, customers(12))
    before = sue.get("/customers?sort=name&size=200&fields=customer_no,name,region,level,manager_id")["items"]
    changed = customers(20, level=3).replace(b"North", b"South").replace(b"Customer 1,", b"Acme,")
    job = done(stage, sue, changed)
    assert counts(job) == ("done", 8, 12, 0, 0)
    stage.said()

    after = undone(stage, sue, job)

    assert (after["state"], after["undone"], after["kept"]) == ("undone", 20, 0)
    assert sue.get("/customers?sort=name&size=200&fields=customer_no,name,region,level,manager_id")["items"] == before
    said = Counter(kind for kind, _ in stage.said())
    assert said == {"crm.customer.customer.edited": 12, "crm.customer.customer.deleted": 8}
    assert sue.post(f"/customers/imports/{job['id']}/undo", expect=409)["type"] == "/problems/nothing-to-undo"


def test_undo_leaves_alone_what_somebody_changed_since_and_says_so(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(2))
    job = done(stage, sue, customers(4, level=2))
    mei = stage.client(Principal(**{**vars(MEI), "scope": "all"}), *MANAGER_MAY)
    for reference, change in (("A-0", {"region": "West"}), ("A-3", {"phone": "1"})):
        [row] = mei.get(f"/customers?reference={reference}")["items"]
        mei.patch(f"/customers/{row['customer_no']}", version=row["version"], **change)

    after = undone(stage, sue, job)

    assert (after["undone"], after["kept"]) == (2, 2)
    shown = {row["reference"]: (row["region"], row["level"]) for row in sue.get("/customers")["items"]}
    assert shown == {"A-0": ("West", 2), "A-1": ("North", 1), "A-3": ("North", 2)}
    found = sue.get(f"/customers/imports/{job['id']}/faults")["items"]
    assert sorted(one["record"] for one in found) == sorted(
        row["customer_no"] for row in sue.get("/customers")["items"] if row["reference"] in ("A-0", "A-3")
    )
    assert all(one["reason"].startswith("Mei changed it on ") for one in found)


def test_undo_keeps_a_record_whose_old_name_somebody_else_has_now(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(3))
    job = done(stage, sue, customers(3).replace(b"Customer 1", b"Acme"))
    mei = stage.client(MEI, *MANAGER_MAY)
    mei.post("/customers", name="Customer 1", region="North", level=1)
    more = done(stage, sue, customers(3, level=2).replace(b"Customer 1", b"Acme"))

    assert undone(stage, sue, more)["undone"] == 3
    after = undone(stage, sue, job)

    assert (after["state"], after["undone"], after["kept"]) == ("undone", 0, 1)


@pytest.fixture
def product(sue: Client) -> None:
    sue.post("/products/bulk", expect=200, rows=[{"code": "P-1", "name": "Pump", "price": "10.00"}])


def test_products_are_corrected_and_given_back_or_taken_out_unless_they_are_named(
    stage: Stage, sue: Client, product: None
) -> None:
    content = "产品代码,产品名称,单价\nP-1,Pump 2,11.5\nP-2,Valve,3\nP-3,Pipe,1\n"
    job = done(stage, sue, content.encode(), "products")
    sue.post("/stock/bulk", expect=200, rows=[{"product_code": "P-3", "warehouse": "W", "place": "1", "quantity": 1}])

    after = undone(stage, sue, job, "products")

    assert (after["undone"], after["kept"]) == (2, 1)
    shown = {row["code"]: (row["name"], row["price"]) for row in sue.get("/products")["items"]}
    assert shown == {"P-1": ("Pump", "10.00"), "P-3": ("Pipe", "1.00")}
    assert "An order or the stock names this product" in faults(sue, job, "products")[0][2]
    assert ("crm.customer.product.removed", "P-2") in [(kind, data.get("code")) for kind, data in stage.said()]


def test_stock_is_counted_and_given_back(stage: Stage, sue: Client, product: None) -> None:
    sue.post("/stock/bulk", expect=200, rows=[{"product_code": "P-1", "warehouse": "W", "place": "1", "quantity": 5}])
    job = done(stage, sue, "产品代码,仓库,货位,数量\nP-1,W,1,7\nP-1,W,2,9\n".encode(), "stock")
    assert counts(job) == ("done", 1, 1, 0, 0)

    assert undone(stage, sue, job, "stock")["undone"] == 2
    assert [(row["place"], row["quantity"]) for row in sue.get("/stock")["items"]] == [("1", 5)]


def test_orders_are_placed_once_and_cancelled_when_taken_back(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(1))
    content = (
        b'order_no,customer_reference,ordered_at,amount\nO-1,A-0,2026-01-31 13:05,"1,234.50"\nO-2,A-9,2026-01-31,1\n'
    )

    job = done(stage, sue, content, "orders", on_error="skip")

    assert counts(job) == ("done", 1, 0, 0, 1)
    assert faults(sue, job, "orders") == [(3, "customer_reference", "There is no customer A-9")]
    [order] = sue.get("/orders")["items"]
    assert (order["amount"], order["ordered_at"]) == ("1234.50", "2026-01-31T13:05:00Z")
    assert counts(done(stage, sue, content, "orders", on_error="skip"))[:4] == ("done", 0, 0, 1)

    assert undone(stage, sue, job, "orders")["undone"] == 1
    assert sue.get("/orders/O-1")["cancellation_reason"] == "The import was taken back"


ONE_WORKER = """
import sys
from chassis.database import Database
from chassis.importing import worker
from customer.service import service

worker.MOST_ROWS = 10
worker.Importer(Database(sys.argv[1]), "customer", service.imports).run_due()
"""


def kill_a_worker_at(stage: Stage, place: int) -> int:
    """A process that works on imports until it is killed just before its commit of this number."""
    environment = {**os.environ, "GUANXI_FAILPOINT": f"importing.before_commit:kill:{place}"}
    url = stage.database.url.render_as_string(hide_password=False)
    return subprocess.run([sys.executable, "-c", ONE_WORKER, url], env=environment, check=False).returncode


def test_a_worker_that_is_killed_is_followed_by_another_that_goes_on_and_doubles_nothing(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    job = send(sue, customers(45), on_error="skip")

    assert kill_a_worker_at(stage, 3) == -signal.SIGKILL
    half = sue.get(f"/customers/imports/{job['id']}")
    assert (half["state"], half["rows_done"], half["created"]) == ("importing", 20, 20)
    assert sue.get("/customers?size=1")["total"] == 20
    assert kill_a_worker_at(stage, 2) == -signal.SIGKILL
    stage.imports()

    assert counts(sue.get(f"/customers/imports/{job['id']}")) == ("done", 45, 0, 0, 0)
    assert sue.get("/customers?size=1")["total"] == 45
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 45


def test_an_undo_that_is_killed_is_gone_on_with(
    stage: Stage, sue: Client, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", 10)
    job = done(stage, sue, customers(25), on_error="skip")
    sue.post(f"/customers/imports/{job['id']}/undo", expect=202)

    assert kill_a_worker_at(stage, 1) == -signal.SIGKILL
    stage.imports()

    after = sue.get(f"/customers/imports/{job['id']}")
    assert (after["state"], after["undone"]) == ("undone", 25)
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.deleted"] == 25
