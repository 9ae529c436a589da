"""Erasing where files are: attached to records, handed in for an import, and what an import noted of its rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.attachments import attachment_block
from chassis.dialect import clock
from chassis.importing.tables import import_job
from chassis.importing.worker import Importer
from chassis.sweeping import Sweeper
from chassis.tables import erasure_task
from chassis.testing.stage import Client, Stage
from customer.service import service
from services.customer.tests.erasing import erase, everything
from services.customer.tests.tables import HEADER, counts, done, faults, send, undone

CARD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR Marker was here" * 20_000
LI = HEADER + "A-1,Li Marker,North,1\n"


@pytest.fixture
def stage(each_stage: Stage) -> Stage:
    """The same stories on both databases."""
    return each_stage


@pytest.fixture
def path(mei: Client, acme: dict[str, Any]) -> str:
    """A contact with a file."""
    found = f"/customers/{acme['customer_no']}/contacts"
    mei.post(found, name="Li", phone="1")
    mei.upload(f"{found}/1/attachments", "Marker card.png", CARD)
    return f"{found}/1"


# Files on records


def test_a_file_goes_with_the_text_about_its_record(stage: Stage, mei: Client, path: str) -> None:
    erase(stage, "contact/1")
    assert mei.get(f"{path}/attachments")["items"][0]["name"] == "Marker card.png"

    erase(stage, "contact/1", texts=True, number=2)

    assert "Marker" not in everything(stage)
    assert stage.count(attachment_block) == 0
    [shown] = mei.get(f"{path}/attachments")["items"]
    assert (shown["name"], shown["sha256"], shown["size_bytes"], shown["added_by_name"]) == ("", "", len(CARD), "Mei")
    mei.get(f"{path}/attachments/1", expect=404)
    told = [event for event in mei.get(f"{path}/history")["items"] if event["type"].endswith("file-attached")]
    assert [(event["version"], event["data"]["name"], event["data"]["sha256"]) for event in told] == [(2, "", "")]


def test_the_files_of_others_stay(stage: Stage, mei: Client, path: str, acme: dict[str, Any]) -> None:
    mei.upload(f"/customers/{acme['customer_no']}/attachments", "licence.png", CARD)

    erase(stage, "contact/1", texts=True)

    files = f"/customers/{acme['customer_no']}/attachments"
    assert mei.client.get(f"{files}/{mei.get(files)['items'][0]['id']}").get_data() == CARD


def test_no_new_file_is_put_where_the_text_was_erased(stage: Stage, mei: Client, path: str) -> None:
    erase(stage, "contact/1", texts=True)

    refused = mei.upload(f"{path}/attachments", "again.png", CARD, expect=409)

    assert (refused["type"], refused["subject"]) == ("/problems/person-erased", "contact")
    mei.delete(f"{path}/attachments/1", version=mei.get(path)["version"])
    assert mei.get(f"{path}/attachments")["items"] == []


def test_who_attached_a_file_is_forgotten(stage: Stage, mei: Client, path: str) -> None:
    erase(stage, "user/7")

    [shown] = mei.get(f"{path}/attachments")["items"]
    assert (shown["added_by_id"], shown["added_by_name"]) == (7, "")


# Imports


def test_what_was_refused_is_forgotten_with_every_erasure(
    stage: Stage, mei: Client, sue: Client, acme: dict[str, Any]
) -> None:
    """Nobody can say whose a row is that never became a record."""
    job = done(stage, sue, (HEADER + "A-1,Li,North,Marker\n").encode(), on_error="skip")
    assert "Marker" in everything(stage)

    erase(stage, f"customer/{acme['customer_no']}")

    assert "Marker" not in everything(stage)
    assert faults(sue, job) == [(2, "客户等级", "")]
    assert sue.get(f"/customers/imports/{job['id']}")["refused"] == 1


def test_an_import_that_is_at_work_is_forgotten_when_it_is_over(
    stage: Stage, sue: Client, acme: dict[str, Any]
) -> None:
    send(sue, (HEADER + "A-1,Li,North,Marker\n").encode(), on_error="skip")
    erase(stage, f"customer/{acme['customer_no']}")
    Importer(stage.database, "customer", service.imports).run_due()
    assert "Marker" in everything(stage)
    with stage.database.connection() as connection:
        connection.execute(sa.update(erasure_task).values(again_at=clock(connection) - timedelta(seconds=1)))

    Sweeper(stage.database, service).run_due()

    assert "Marker" not in everything(stage)


def test_a_later_import_keeps_its_faults(stage: Stage, sue: Client, acme: dict[str, Any]) -> None:
    erase(stage, f"customer/{acme['customer_no']}")
    job = done(stage, sue, (HEADER + "A-1,Li,North,Marker\n").encode(), on_error="skip")
    with stage.database.connection() as connection:
        connection.execute(sa.update(erasure_task).values(again_at=clock(connection) - timedelta(seconds=1)))

    Sweeper(stage.database, service).run_due()

    assert faults(sue, job) == [(2, "客户等级", "The cell is not a number")]


def test_an_old_file_does_not_bring_anybody_back(stage: Stage, sue: Client) -> None:
    done(stage, sue, LI.encode())
    [customer] = sue.get("/customers")["items"]
    erase(stage, f"customer/{customer['customer_no']}")

    job = done(stage, sue, LI.encode(), on_error="skip")

    assert counts(job) == ("done", 0, 0, 0, 1)
    assert "Marker" not in everything(stage)


def test_an_import_that_is_taken_back_gives_no_name_back(stage: Stage, sue: Client) -> None:
    done(stage, sue, LI.encode())
    job = done(stage, sue, LI.replace("Li Marker", "Li Mark the second").encode())
    [customer] = sue.get("/customers")["items"]
    erase(stage, f"customer/{customer['customer_no']}")

    after = undone(stage, sue, job)

    assert (after["undone"], after["kept"]) == (0, 1)
    assert "Mark" not in everything(stage)


def test_who_asked_for_an_import_is_forgotten_and_its_work_goes_on(stage: Stage, sue: Client) -> None:
    send(sue, LI.encode())
    importer = Importer(stage.database, "customer", service.imports)
    importer.step()
    assert "Sue" in everything(stage)

    erase(stage, "user/8")
    importer.run_due()

    assert "Sue" not in everything(stage)
    with stage.database.reading() as session:
        assert session.execute(sa.select(import_job.c.state, import_job.c.owner_id)).one() == ("done", 8)
