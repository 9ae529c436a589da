"""``guanxi bus flow``: which long flows wait, for what and until when; and what to do about those that do not go on."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chassis.flow_desk import FLOWS, Desk, Told, get_flow
from chassis.flowing import FlowNotFound
from chassis.flows import OPEN, Run, State
from chassis.manifest import Service
from chassis.pages import Page
from chassis.principal import Principal
from chassis.problems import Problem
from chassis.transaction import Transaction, looking, transaction
from guanxi import registry
from guanxi.access import opened, who

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
UNFINISHED = (*OPEN, State.FAILED)
MOST_AT_ONCE = 200
Urls = dict[str, str]


@click.group("flow")
def commands() -> None:
    """Look after what takes several steps in several services."""


@commands.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([one.value for one in State]),
    help="Default: all that are not over",
)
@click.option("--all", "everything", is_flag=True, help="Completed and cancelled ones too")
@click.option("--limit", type=click.IntRange(1, MOST_AT_ONCE), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_flows(urls: Urls, states: tuple[str, ...], everything: bool, limit: int, as_json: bool) -> None:
    """Which flows wait, oldest first: in which step, for what, since when, until when, and why they stopped."""
    wanted = tuple(State) if everything else states or UNFINISHED
    rows: list[dict[str, Any]] = []
    total = 0
    for service in owners():
        with opened(urls, service.name) as database, looking(database, service.name) as tx:
            page = _page(tx, wanted, limit)
            rows += [{"service": service.name, **_plain(row)} for row in page.items]
            total += page.total or 0
    if as_json:
        click.echo(json.dumps(rows, default=str, indent=2))
        return
    console.print(_table(rows))
    click.echo(f"{len(rows)} of {total}")


@commands.command()
@click.argument("flow_id")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(urls: Urls, flow_id: str, as_json: bool) -> None:
    """One flow and all that happened to it; FLOW_ID is like win:17."""
    service = owner_of(flow_id)
    with opened(urls, service.name) as database, looking(database, service.name) as tx:
        told = get_flow(tx, flow_id)
    if as_json:
        click.echo(json.dumps(_whole(told), default=str, indent=2, ensure_ascii=False))
        return
    _tell(told)


@commands.command()
@click.argument("flow_ids", nargs=-1)
@click.option("--stuck", is_flag=True, help=f"All that are stuck, at most {MOST_AT_ONCE} of each service")
@click.pass_obj
def retry(urls: Urls, flow_ids: tuple[str, ...], stuck: bool) -> None:
    """Ask again, and wait as long as the first time."""
    if bool(flow_ids) == stuck:
        raise click.UsageError("Name flows, or say --stuck")
    ids = list(flow_ids) or _stuck(urls)
    _each(urls, ids, lambda desk, tx, flow_id: desk.retry_flow(tx, flow_id))


@commands.command()
@click.argument("flow_ids", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why nobody waits any longer; kept for ever")
@click.pass_obj
def cancel(urls: Urls, flow_ids: tuple[str, ...], reason: str) -> None:
    """Wait no longer; what the flow had done is taken back."""
    _each(urls, list(flow_ids), lambda desk, tx, flow_id: desk.cancel_flow(tx, flow_id, reason))


def owners() -> Iterator[Service]:
    """The services that have long flows."""
    return (service for service in registry.load_all().values() if service.flows)


def owner_of(flow_id: str) -> Service:
    """The service whose flow this is. Raises FlowNotFound."""
    name = flow_id.partition(":")[0]
    for service in owners():
        if name in {flow.name for flow in service.flows}:
            return service
    raise FlowNotFound(detail=f"No flow is called {name}")


def _page(tx: Transaction, states: tuple[str, ...], limit: int) -> Page:
    return FLOWS.page(tx, {"state": ",".join(states), "size": limit, "sort": "started_at"})


def _stuck(urls: Urls) -> list[str]:
    found: list[str] = []
    for service in owners():
        with opened(urls, service.name) as database, looking(database, service.name) as tx:
            found += [row.id for row in _page(tx, (State.STUCK,), MOST_AT_ONCE).items]
    return found


def _each(urls: Urls, flow_ids: list[str], act: Callable[[Desk, Transaction, str], Run]) -> None:
    """Act on each in a transaction of its own; exit 1 when one was refused."""
    refused = 0
    for flow_id in flow_ids:
        try:
            with _operating(urls, flow_id) as (desk, tx):
                run = act(desk, tx, flow_id)
            click.echo(f"{flow_id}: {run.state}")
        except Problem as problem:
            refused += 1
            click.echo(f"{flow_id}: {problem.title}", err=True)
    sys.exit(1 if refused else 0)


@contextmanager
def _operating(urls: Urls, flow_id: str) -> Iterator[tuple[Desk, Transaction]]:
    service = owner_of(flow_id)
    with (
        opened(urls, service.name) as database,
        transaction(database, service.name, principal=Principal(name=who())) as tx,
    ):
        yield Desk(service.flows), tx


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FLOWS.columns}


def _whole(told: Told) -> dict[str, Any]:
    plain = {field.name: getattr(told, field.name) for field in dataclasses.fields(Run)}
    return {**plain, "steps": [dict(step._mapping) for step in told.steps]}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("flow", "state", "step", "waits for", "since", "until", "reason")
    for row in rows:
        since = _moment(row["waiting_since"]) if row["waiting_for"] else ""
        until = _moment(row["deadline_at"])
        table.add_row(row["id"], row["state"], row["step"], row["waiting_for"], since, until, row["reason"])
    return table


def _tell(told: Told) -> None:
    lines = {
        "flow": f"{told.id}, {told.state} in step {told.step}",
        "waits for": told.waiting_for,
        "since": _moment(told.waiting_since) if told.waiting_for else "",
        "until": _moment(told.deadline_at),
        "reason": told.reason,
        "gathered": json.dumps(told.data, ensure_ascii=False) if told.data else "",
        "started": _moment(told.started_at),
    }
    for name, text in lines.items():
        if text:
            click.echo(f"{name:<10} {text}")
    table = Table("at", "step", "outcome", "detail", "by", "event")
    for step in told.steps:
        table.add_row(_moment(step.at), step.step, step.outcome, step.detail, step.by_name, str(step.event_id or ""))
    console.print(table)


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
