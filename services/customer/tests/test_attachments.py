"""Files on records: kept with them, seen by whoever sees them, told in their history, and never believed."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import attachments
from chassis.attachments import Attachments, attachment, attachment_block
from chassis.database import Database
from chassis.manifest import Service
from chassis.sniffing import IMAGES
from chassis.testing.stage import Client, Stage, some_settings
from customer.customer.model import Customer
from customer.customer.queries import get_customer
from customer.service import service
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

PDF = b"%PDF-1.7\n" + b"licence " * 100
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30


@pytest.fixture
def stage(each_stage: Stage) -> Stage:
    """The same stories on both databases."""
    return each_stage


@pytest.fixture
def files(acme: dict[str, Any]) -> str:
    return f"/customers/{acme['customer_no']}/attachments"


def test_a_file_comes_back_as_it_was_sent(mei: Client, files: str) -> None:
    kept = mei.upload(files, "执照 2026.pdf", PDF)

    answer = mei.client.get(f"{files}/{kept['id']}")

    assert answer.get_data() == PDF
    assert (kept["content_type"], kept["size_bytes"]) == ("application/pdf", len(PDF))
    assert kept["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (kept["name"], kept["added_by_name"]) == ("执照 2026.pdf", "Mei")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(PDF))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{kept["sha256"]}"'
    assert mei.get(files)["items"] == [kept]


def test_what_a_file_is_called_and_said_to_be_is_not_believed(mei: Client, files: str) -> None:
    kept = mei.upload(files, "../../photo.png", b"<html><script>alert(1)</script>")

    answer = mei.client.get(f"{files}/{kept['id']}")

    assert (kept["name"], kept["content_type"]) == ("photo.png", "text/plain")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_history_tells_of_files_and_never_their_content(
    stage: Stage, mei: Client, acme: dict[str, Any], files: str
) -> None:
    kept = mei.upload(files, "licence.pdf", PDF)
    assert mei.etag == '"2"'
    mei.delete(f"{files}/{kept['id']}", version=2)

    history = mei.get(f"/customers/{acme['customer_no']}/history")["items"]

    assert [step["type"] for step in history[1:]] == [
        "crm.customer.customer.file-attached",
        "crm.customer.customer.file-removed",
    ]
    facts = {"attachment_id": kept["id"], "name": "licence.pdf", "content_type": "application/pdf"}
    for step in history[1:]:
        assert step["data"] == facts | {
            "customer_no": acme["customer_no"], "size_bytes": len(PDF), "sha256": kept["sha256"],
        }  # fmt: skip
        assert step["by_name"] == "Mei"
    assert mei.get(f"/customers/{acme['customer_no']}")["version"] == 3
    assert (stage.count(attachment), stage.count(attachment_block)) == (0, 0)
    mei.get(f"{files}/{kept['id']}", expect=404)
    mei.delete(f"{files}/{kept['id']}", version=3, expect=404)


def test_whoever_does_not_see_the_record_sees_none_of_its_files(
    stage: Stage, mei: Client, bob: Client, files: str
) -> None:
    kept = mei.upload(files, "licence.pdf", PDF)

    bob.get(files, expect=404)
    bob.get(f"{files}/{kept['id']}", expect=404)
    bob.upload(files, "x.pdf", PDF, expect=404)
    bob.delete(f"{files}/{kept['id']}", version=2, expect=404)
    reader = stage.client(MEI, "customer:read")
    assert reader.get(files)["items"] == [kept]
    assert reader.upload(files, "x.pdf", PDF, expect=403)["needs"] == "customer:write"
    assert stage.client(MEI, "contact:read").get(files, expect=403)["needs"] == "customer:read"


def test_a_file_is_found_at_its_own_record_only(mei: Client, files: str) -> None:
    kept = mei.upload(files, "licence.pdf", PDF)
    other = mei.post("/customers", name="Beta", region="North", level=1)

    mei.get(f"/customers/{other['customer_no']}/attachments/{kept['id']}", expect=404)
    mei.delete(f"/customers/{other['customer_no']}/attachments/{kept['id']}", version=1, expect=404)


def test_a_file_that_is_empty_missing_or_too_large_is_refused(mei: Client, files: str) -> None:
    assert mei.upload(files, "x", b"", expect=422)["errors"][0]["detail"] == "The file is empty."
    assert mei.post(files, expect=415, file="x")["type"] == "/problems/unsupported-media-type"
    assert mei.upload(files, "x", PDF, expect=422, colour="red")["errors"][0]["pointer"] == "/colour"
    assert mei.upload(files, "x", b"x" * (10 * 1024 * 1024), expect=201)["size_bytes"] == 10 * 1024 * 1024
    assert mei.upload(files, "x", b"x" * (10 * 1024 * 1024 + 1), expect=413)["limit_bytes"] == 10 * 1024 * 1024


def test_a_record_has_so_many_files_and_no_more(mei: Client, files: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 2)
    for name in "ab":
        mei.upload(files, name, PDF)

    assert mei.upload(files, "c", PDF, expect=409)["limit"] == 2


def test_a_deleted_customer_gets_no_files(mei: Client, acme: dict[str, Any], files: str) -> None:
    mei.delete(f"/customers/{acme['customer_no']}", version=1)

    assert mei.upload(files, "x", PDF, expect=409)["type"] == "/problems/customer-gone"


def test_a_repeated_request_attaches_one_file(mei: Client, files: str) -> None:
    for content, expected in ((PDF, 201), (PDF, 201), (PNG, 422)):
        answer = mei.client.post(files, data={"file": (io.BytesIO(content), "x")},
                                 headers={"Idempotency-Key": "k"})  # fmt: skip
        assert answer.status_code == expected

    assert len(mei.get(files)["items"]) == 1


def test_orders_and_contacts_have_files_in_the_scope_of_their_customer(
    stage: Stage, sue: Client, acme: dict[str, Any]
) -> None:
    sue.post("/orders", order_no="O-1", customer_no=acme["customer_no"], ordered_at="2026-03-01T08:30:00Z", amount="1")
    mei, bob = (stage.client(who, *MANAGER_MAY, "order:write") for who in (MEI, BOB))
    contact = mei.post(f"/customers/{acme['customer_no']}/contacts", name="Ann", phone="1")
    for files in ("/orders/O-1/attachments", f"/customers/{acme['customer_no']}/contacts/{contact['id']}/attachments"):
        kept = mei.upload(files, "scan.pdf", PDF)

        assert mei.client.get(f"{files}/{kept['id']}").get_data() == PDF
        bob.get(files, expect=404)
        bob.upload(files, "scan.pdf", PDF, expect=404)
    said = [kind for kind, _ in stage.said() if "file-attached" in kind]
    assert said == ["crm.customer.order.file-attached", "crm.customer.contact.file-attached"]


def test_a_noun_that_asks_for_photos_takes_nothing_else(stage: Stage, acme: dict[str, Any]) -> None:
    photos = Attachments(service="customer", kind=Customer, path="/visits/<customer_no>", finds=get_customer,
                         reads="customer:read", writes="customer:write", only=IMAGES)  # fmt: skip
    gallery = Service(
        name="customer", title="", metadata=service.metadata, migrations=service.migrations, routes=photos.routes
    )
    mei = Stage(gallery, stage.database, some_settings("customer", "")).client(MEI, *MANAGER_MAY)
    path = f"/visits/{acme['customer_no']}/attachments"

    assert mei.upload(path, "photo.png", PNG)["content_type"] == "image/png"
    problem = mei.upload(path, "photo.png", PDF, expect=422)
    assert problem["errors"][0] == {
        "pointer": "/file",
        "detail": "This is application/pdf; wanted is image/gif or image/jpeg or image/png or image/webp",
        "code": "invalid",
    }


def test_a_download_holds_one_block_and_no_connection(stage: Stage, mei: Client, files: str) -> None:
    kept = mei.upload(files, "film", b"x" * (8 * 1024 * 1024))
    database: Database = stage.database
    tracemalloc.start()
    answer = mei.client.get(f"{files}/{kept['id']}", buffered=False)
    size = sum(len(block) for block in answer.response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 8 * 1024 * 1024
    assert peak < 3 * 1024 * 1024
    assert getattr(database.engine.pool, "checkedout", lambda: 0)() == 0


def test_attaching_costs_few_statements(stage: Stage, mei: Client, files: str) -> None:
    sent: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    mei.upload(files, "licence.pdf", PDF)

    # begin or clock, record, count, file, blocks, version, event; the commit is not counted here
    assert len(sent) == 8
