"""Files for imports, and the import of one from beginning to end."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from chassis.importing.tables import import_job
from chassis.testing.stage import Client, Stage

HEADER = "外部编号,客户名称,地区,客户等级\n"


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
