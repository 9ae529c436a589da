"""``guanxi bus``: where every event is, and what is parked and why. The commands that prove and recover stand aside."""

from __future__ import annotations

import dataclasses
import json
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chassis import causation, inspecting
from chassis.causation import EventUnknown, Node, Part
from chassis.inspecting import Status
from chassis.transaction import Transaction, looking
from guanxi import effects, flows, parked, pausing, recovery, schedule, topology
from guanxi.access import opened
from guanxi.home import Home

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut


@click.group()
@click.option("--data", envvar="GUANXI_DATA", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.pass_context
def bus(context: click.Context, data: Path) -> None:
    """Look after the events of the installation in this data folder."""
    context.obj = Home(data, demo=False).database_urls()


bus.add_command(topology.commands)
bus.add_command(flows.commands)
bus.add_command(schedule.commands)
bus.add_command(effects.commands)
for command in (*parked.COMMANDS, *pausing.COMMANDS, *recovery.commands):
    bus.add_command(command)


@bus.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(urls: dict[str, str], as_json: bool) -> None:
    """How far each service is, and what waits."""
    found = {}
    for service in urls:
        with opened(urls, service) as database, looking(database, service) as tx:
            found[service] = inspecting.status(tx)
    if as_json:
        click.echo(json.dumps({name: _plain(state) for name, state in found.items()}, default=str, indent=2))
        return
    table = Table("service", "log head", "unsealed", "published to", "complete up to", "parked", "blocked", "consumer")
    for service, state in found.items():
        complete = min((source.complete_at for source in state.sources if source.complete_at), default="-")
        parked = ", ".join(f"{one.number} {one.state} {one.reason}" for one in state.parked) or "0"
        cells = (service, state.head, state.unsealed, state.published_to, complete, parked, state.blocked_aggregates)
        table.add_row(*map(str, cells), state.does)
    console.print(table)


def _plain(state: Status) -> dict[str, Any]:
    """As JSON shows it: the counts of what is parked by state and reason."""
    parked = {f"{one.state} {one.reason}": one.number for one in state.parked}
    return dataclasses.asdict(state) | {"parked": parked, "does": state.does}


@bus.command()
@click.argument("event_id", type=click.UUID)
@click.pass_obj
def show(urls: dict[str, str], event_id: uuid.UUID) -> None:
    """One event, everywhere it is: said, heard, parked; and what caused it and what it caused."""
    found: dict[str, Any] = {}
    with ExitStack() as closing:
        looks = {name: closing.enter_context(_looking(urls, name)) for name in urls}
        for name, tx in looks.items():
            if here := inspecting.whereabouts(tx, event_id):
                found[name] = here
        with suppress(EventUnknown):
            story = causation.story_of(lambda ids: _told(looks.values(), ids), event_id)
            found["story"] = [_line(node) for node in story.nodes]
    click.echo(json.dumps(found, default=str, indent=2, ensure_ascii=False))
    sys.exit(0 if found else 1)


@contextmanager
def _looking(urls: dict[str, str], service: str) -> Iterator[Transaction]:
    with opened(urls, service) as database, looking(database, service) as tx:
        yield tx


def _told(looks: Iterable[Transaction], ids: Sequence[uuid.UUID]) -> Part:
    return causation.joined(causation.part_of(tx, ids) for tx in looks)


def _line(node: Node) -> str:
    """One event of the story, set in by its depth."""
    said = node.said
    heard = ", ".join(f"{one.consumer} {one.state}" for one in node.heard) or "nobody"
    about = f"{said.event_type} {said.subject} v{said.version}"
    return f"{'  ' * node.depth}{about} by {said.by}, {said.event_id}, heard by: {heard}"
