"""What the proof of erasing needs: somebody with a name like no other, old messages, and a look into every store."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import sqlalchemy as sa

from chassis.amqp import connected
from chassis.database import Database
from chassis.dialect import clock
from chassis.log import DatabaseLog
from chassis.tables import event_log, external_effect, inbox, inbox_stream, parked_event
from chassis.topology import EXCHANGE, queue_name, routing_key
from guanxi import registry
from guanxi.scan import places_of
from reporting.log import report_log
from tests.system import FullSystem, Person, System, wait_until

PATIENCE_SECONDS = 120
REPORTS = (
    "contribution?year=2026",
    "composition?by=level",
    "composition?by=region",
    "loss",
    "sales?by=cross",
    "service",
)
NAMES = ("customer_name", "manager_name", "salesperson_name", "reason", "complete_up_to")


def marker() -> str:
    """A word that stands nowhere else, and fits into the shortest field but one."""
    return f"M{secrets.token_hex(5)}"[:10]


def short_marker() -> str:
    """The same for the shortest."""
    return "".join(secrets.choice("bcdfghjkqvwxzBCDFGHJKQVWXZ") for _ in range(5))


# Stores


@contextmanager
def database_of(guanxi: System, service: str) -> Iterator[Database]:
    database = Database(guanxi.home.database_urls()[service], pool_size=2)
    try:
        yield database
    finally:
        database.close()


def left(guanxi: System, *texts: str) -> list[str]:
    """Every place in the whole installation where one of these still stands."""
    return [
        f"{place.service}: {place.table}.{place.column} {place.key} has {text}"
        for text in texts
        for place in places_of(guanxi.home.database_urls(), text)
    ]


def numbers(guanxi: System) -> Any:
    """All that reports say, without names and without the moment up to which they are complete."""
    eve = guanxi.person("eve")
    return {path: _without_names(eve.get(f"/api/reports/{path}")) for path in REPORTS}


def _without_names(report: Any) -> Any:
    if isinstance(report, dict):
        return {name: _without_names(value) for name, value in report.items() if name not in NAMES}
    return [_without_names(one) for one in report] if isinstance(report, list) else report


def wait_until_all_is_heard(guanxi: System) -> None:
    wait_until(lambda: _is_heard(guanxi), "reporting to hear everything", within=PATIENCE_SECONDS)


def _is_heard(guanxi: System) -> bool:
    with ExitStack() as opened:
        databases = {name: opened.enter_context(database_of(guanxi, name)) for name in registry.NAMES}
        said = {one for name in registry.NAMES[:-1] for one in _ids(databases[name], event_log.c.event_id)}
        return said <= _ids(databases["reporting"], report_log.c.event_id)


def _ids(database: Database, column: Any) -> set[str]:
    with database.reading() as session:
        return set(map(str, session.scalars(sa.select(column))))


# Erasing


def erased(admin: Person, *subjects: str, **more: Any) -> Any:
    """Erase, and wait until every service has done it, or it is refused."""
    number = admin.post("/api/erasures", expect=202, subjects=list(subjects), ground="objection", **more).json["id"]

    def over() -> Any:
        found = admin.get(f"/api/erasures/{number}")
        return found if found["state"] in ("done", "refused") else None

    return wait_until(over, f"erasure {number}", within=PATIENCE_SECONDS)


# An event that is parked


TRIGGERS = {"jam": "customer_of_opportunity", "loud_jam": "cst_linkman"}


@contextmanager
def nothing_can_be_linked(guanxi: System) -> Iterator[None]:
    """The customer service cannot apply a win; PostgreSQL quotes the contact's name when it says why."""
    with database_of(guanxi, "customer") as database:
        with database.connection() as connection:
            for statement in _jams(database):
                connection.execute(sa.text(statement))
        yield
        with database.connection() as connection:
            for name, table in TRIGGERS.items():
                on = "" if database.is_sqlite else f" ON {table}"
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")


def _jams(database: Database) -> list[str]:
    if database.is_sqlite:
        return ["CREATE TRIGGER jam BEFORE INSERT ON customer_of_opportunity BEGIN SELECT RAISE(ABORT, 'Jam'); END"]
    found = []
    for name, words in {"jam": "'Jam'", "loud_jam": "'Cannot write %', NEW.name"}.items():
        body = f"BEGIN RAISE EXCEPTION {words}; END"
        found.append(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        found.append(f"CREATE TRIGGER {name} BEFORE INSERT ON {TRIGGERS[name]} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return found


def quote_in_error(guanxi: System, text: str) -> None:
    """As a database or a rule of ours may do; SQLite itself never quotes what was written."""
    with database_of(guanxi, "customer") as database, database.connection() as connection:
        connection.execute(sa.update(parked_event).values(error=f"Cannot write {text}", note=f"{text} called"))


def parked(guanxi: System, service: str) -> list[Any]:
    with database_of(guanxi, service) as database, database.reading() as session:
        return list(session.execute(sa.select(parked_event.c.body, parked_event.c.error)))


def try_parked_again(guanxi: System, service: str) -> None:
    with database_of(guanxi, service) as database, database.connection() as connection:
        now = {"state": "waiting", "next_attempt_at": clock(connection)}
        connection.execute(sa.update(parked_event).where(parked_event.c.reason == "failed").values(now))
    wait_until(lambda: not parked(guanxi, service), "what is parked to be applied", within=PATIENCE_SECONDS)


# Somebody outside


@contextmanager
def somebody_outside_is_told(guanxi: System, admin: Person) -> Iterator[None]:
    """A system that nobody can reach: what it is to be told of customers is kept and tried again."""
    hook = {"url": "https://erp.invalid/hook", "events": ["customer.opened", "customer.edited"]}
    webhook = admin.post("/api/webhooks", expect=201, **hook).json
    yield
    told = sa.select(sa.func.count()).where(external_effect.c.subject == str(webhook["id"]))
    with database_of(guanxi, "customer") as database:

        def are_asked_for() -> bool:
            with database.reading() as session:
                return (session.scalar(told) or 0) > 1

        wait_until(are_asked_for, "the deliveries", within=PATIENCE_SECONDS)
    admin.patch(f"/api/webhooks/{webhook['id']}", is_active=False)


# Old messages


def wires_with(guanxi: System, service: str, text: str) -> list[bytes]:
    """All that a service has said with this text in it, as it travels."""
    with database_of(guanxi, service) as database:
        found = DatabaseLog(database).read(0, 100_000)
    return [one.raw for one in found if text.encode() in one.raw]


def deliver_again(guanxi: System, listener: str, wires: list[bytes]) -> None:
    """The old messages come once more, to a listener who has forgotten that it knew them."""
    ids = {uuid.UUID(json.loads(raw)["id"]) for raw in wires}
    with database_of(guanxi, listener) as database:
        _forget(database, wires, ids)
        if isinstance(guanxi, FullSystem):
            _over_the_broker(guanxi, listener, wires)
        else:
            logs = {name: DatabaseLog(Database(url)) for name, url in guanxi.home.database_urls().items()}
            consumer = registry.load(listener).consumer(database, logs)
            assert consumer
            consumer.take(wires, "pull")
            for log in logs.values():
                log.database.close()
        known = sa.select(inbox.c.event_id).where(inbox.c.event_id.in_(ids))

        def are_back() -> bool:
            return {str(one) for one in ids} <= _ids(database, known.selected_columns[0])

        wait_until(are_back, f"{listener} to take the old messages", within=PATIENCE_SECONDS)


def _forget(database: Database, wires: list[bytes], ids: set[uuid.UUID]) -> None:
    subjects = {tuple(json.loads(raw)["subject"].split("/", 1)) for raw in wires}
    with database.connection() as connection:
        connection.execute(sa.delete(inbox).where(inbox.c.event_id.in_(ids)))
        for kind, key in subjects:
            mine = (inbox_stream.c.aggregate_type == kind, inbox_stream.c.aggregate_id == key)
            connection.execute(sa.delete(inbox_stream).where(*mine))
        if sa.inspect(connection).has_table("report_log"):
            connection.execute(sa.delete(report_log).where(report_log.c.event_id.in_(list(map(str, ids)))))


def _over_the_broker(guanxi: FullSystem, listener: str, wires: list[bytes]) -> None:
    """Into the listener's own queue, as if it had lain there, and through the exchange to everybody."""
    with connected(guanxi.supervised.servers.amqp_url) as connection:
        channel = connection.channel()
        for raw in wires:
            channel.basic_publish("", queue_name(listener), raw)
            channel.basic_publish(EXCHANGE, routing_key(json.loads(raw)["type"]), raw)
