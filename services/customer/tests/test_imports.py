"""Files that become records: kept part by part, told row by row, gone on with after a crash, and taken back."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.importing.tables import import_file, import_job, import_part
from chassis.importing.worker import Importer
from chassis.principal import Principal
from chassis.tables import event_log
from chassis.testing.stage import Client, Stage
from customer.service import service
from services.customer.tests.conftest import MANAGER_MAY, MEI, SUPERVISOR_MAY
from services.customer.tests.tables import HEADER, counts, customers, done, faults, send, undone

TOM = Principal(user_id=11, name="Tom", role="supervisor", kind="user", scope="own")


@pytest.fixture
def stage(each_stage: Stage) -> Stage:
    """The same stories on both databases."""
    return each_stage


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


def test_an_import_says_what_its_columns_may_be(stage: Stage, sue: Client) -> None:
    job = done(stage, sue, b"reference,colour\nA-1,red\n")

    takes = {one["name"]: one for one in job["takes"]}
    assert takes["name"] == {"name": "name", "title_zh": "客户名称", "title_en": "Customer name", "is_required": True}
    assert takes["reference"]["is_required"] is False
    assert "customer_no" not in takes, "a number is given by us"
    assert [one["field"] for one in job["columns"]] == ["reference", None]


def test_a_wrong_cell_is_put_right_without_another_file(stage: Stage, sue: Client) -> None:
    content = customers(2).replace(b"North,1", b"North,nine", 1)
    wrong = faults(sue, done(stage, sue, content))
    fixes = [{"row": row, "column": column, "value": "1"} for row, column, *_ in wrong]

    job = done(stage, sue, content, fixes=json.dumps(fixes))

    assert (len(wrong), job["state"], job["created"]) == (1, "done", 2)
    with stage.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(import_file)) == 0


@pytest.mark.parametrize("fixes", ["{", "[1]", '[{"row": "x", "column": "a", "value": "b"}]', "TOO MANY"])
def test_fixes_that_are_none_are_a_wrong_field(sue: Client, fixes: str) -> None:
    many = json.dumps([{"row": 2, "column": "name", "value": "x"}] * 501)

    said = many if fixes == "TOO MANY" else fixes
    problem = sue.upload("/customers/imports", "file.csv", customers(1), expect=422, fixes=said)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/fixes"]
