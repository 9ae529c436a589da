"""``guanxi bus parked|redrive|discard|edit|export``: events that could not be applied, and what to do about them."""

from __future__ import annotations

import functools
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import click
from rich.console import Console
from rich.table import Table

from chassis import inspecting, operating
from chassis.events import encode
from chassis.inspecting import PARKED
from chassis.operating import MOST_AT_ONCE, Outcome
from chassis.tables import consumer_of
from chassis.transaction import Transaction, looking
from guanxi import registry
from guanxi.access import acting, opened

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
Service = click.Choice(registry.NAMES)
Urls = dict[str, str]
Act = Callable[..., Outcome]
MOST_LISTED = 200
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Age(click.ParamType[str]):
    """A length of time such as 90s, 30m, 2h or 7d; given on as the moment that long ago."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        match = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if not match:
            self.fail(f"{value} is no age; write 90s, 30m, 2h or 7d", param, ctx)
        return (datetime.now(UTC) - timedelta(**{UNITS[match[2]]: int(match[1])})).isoformat()


FILTERS = (
    click.option("--type", "event_type", help="Part of the event's type"),
    click.option("--parked-as", "reason_of", help="failed, crash_loop, behind, unparseable, … (several: with commas)"),
    click.option("--state", help="waiting, dead or discarded (several: with commas)"),
    click.option("--fingerprint", help="One cause, as --groups shows it"),
    click.option("--source", help="The service that said it"),
    click.option("--consumer", help="The subscription that heard it"),
    click.option("--aggregate", help="One thing, such as opportunity/17"),
    click.option("--older-than", "first_to", type=Age(), help="Parked longer ago than 90s, 30m, 2h, 7d"),
    click.option("--newer-than", "first_from", type=Age(), help="Parked since"),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose among parked events, given on as one mapping ``where``."""

    @functools.wraps(command)
    def with_where(*args: Any, **options: Any) -> None:
        names = ("event_type", "state", "fingerprint", "source", "consumer", "first_to", "first_from")
        where = {name: value for name in names if (value := options.pop(name))}
        if reason := options.pop("reason_of"):
            where["reason"] = reason
        if aggregate := options.pop("aggregate"):
            where["aggregate_type"], _, where["aggregate_id"] = aggregate.partition("/")
        command(*args, where=where, **options)

    return functools.reduce(lambda function, option: option(function), reversed(FILTERS), with_where)


@click.command()
@click.argument("service", type=Service, required=False)
@click.option("--groups", is_flag=True, help="By cause instead of one by one")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@filtered
@click.pass_obj
def parked(urls: Urls, /, service: str | None, groups: bool, as_json: bool, **how: Any) -> None:
    """Events that could not be applied, oldest first; of one service or of all."""
    rows: list[Mapping[str, Any]] = []
    total = 0
    for name in [service] if service else urls:
        with opened(urls, name) as database, looking(database, name) as tx:
            found, number = _groups(tx, how["where"]) if groups else _page(tx, how["where"], how["limit"])
            rows += [{"service": name, **row} for row in found]
            total += number
    if as_json:
        click.echo(json.dumps(rows, default=str, indent=2, ensure_ascii=False))
        return
    console.print(_table_of_groups(rows) if groups else _table(rows))
    click.echo(f"{len(rows)} of {total}")


def _page(tx: Transaction, where: Mapping[str, Any], limit: int) -> tuple[list[dict[str, Any]], int]:
    page = PARKED.page(tx, {**where, "size": limit})
    return [{name: getattr(row, name) for name in inspecting.SHOWN} for row in page.items], page.total or 0


def _groups(tx: Transaction, where: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    found = [dict(row._mapping) for row in inspecting.groups(tx, where)]
    return found, len(found)


def _table(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("service", "event", "type", "aggregate", "state", "reason", "tries", "next", "error")
    for row in rows:
        about = f"{row['aggregate_type']}/{row['aggregate_id']} v{row['aggregate_version']}"
        error = f"{row['error_class']}: {row['error']}"[:80] if row["error_class"] else ""
        names = ("state", "reason", "attempts")
        cells = (row["service"], row["event_id"], row["event_type"], about, *(row[name] for name in names))
        table.add_row(*map(str, cells), _moment(row["next_attempt_at"]), error)
    return table


def _table_of_groups(rows: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("service", "number", "aggregates", "state", "reason", "error", "since", "fingerprint")
    for row in rows:
        error = f"{row['error_class']}: {row['error']}"[:80]
        names = ("service", "number", "aggregates", "state", "reason")
        table.add_row(*(str(row[name]) for name in names), error, _moment(row["first_at"]), row["fingerprint"])
    return table


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


# Acting

DRY_RUN = click.option(
    "--dry-run/--no-dry-run",
    default=None,
    help="Only say what would be done; the default for more than one event",
)


@click.command()
@click.argument("service", type=Service)
@click.argument("event_ids", type=click.UUID, nargs=-1)
@click.option("--reason", default="", help="Why you think that it goes now")
@DRY_RUN
@filtered
@click.pass_obj
def redrive(urls: Urls, /, service: str, event_ids: tuple[uuid.UUID, ...], dry_run: bool | None, **how: Any) -> None:
    """Try parked events again, now: each aggregate from its first parked event on, in order. The worker does it."""
    _act(urls, service, operating.redrive, {"event_ids": event_ids, "dry_run": dry_run, **how})


@click.command()
@click.argument("service", type=Service)
@click.argument("event_ids", type=click.UUID, nargs=-1)
@click.option("--reason", required=True, help="Why they must not be applied; kept for ever")
@DRY_RUN
@filtered
@click.pass_obj
def discard(urls: Urls, /, service: str, event_ids: tuple[uuid.UUID, ...], dry_run: bool | None, **how: Any) -> None:
    """Never apply these events; those behind them go on."""
    _act(urls, service, operating.discard, {"event_ids": event_ids, "dry_run": dry_run, **how})


def _act(urls: Urls, service: str, act: Act, how: Mapping[str, Any]) -> None:
    """Act on the chosen events, so many in one transaction; exit 1 when one that was named is not among them."""
    consumer = consumer_of(service)
    with opened(urls, service) as database:
        with looking(database, service) as tx:
            ids = operating.open_ids(tx, consumer, how["where"] | {"event_ids": how["event_ids"]})
        is_dry = len(ids) > 1 if how["dry_run"] is None else how["dry_run"]
        events = aggregates = skipped = 0
        for start in range(0, len(ids), MOST_AT_ONCE):
            with acting(database, service) as tx:
                some = {"event_ids": ids[start : start + MOST_AT_ONCE]}
                done = act(tx, consumer, some, how["reason"], is_dry)
            events, aggregates = events + done.events, aggregates + done.aggregates
            skipped += done.skipped
    verb = {operating.redrive: "tried again", operating.discard: "discarded"}[act]
    click.echo(f"{events} events of {aggregates} aggregates {'would be' if is_dry else 'are'} {verb}")
    if skipped:
        click.echo(f"{skipped} cannot be: their bytes are no event", err=True)
    if is_dry and how["dry_run"] is None:
        click.echo("Nothing was done; add --no-dry-run to do it")
    sys.exit(1 if skipped or len(ids) < len(how["event_ids"]) else 0)


@click.command()
@click.argument("service", type=Service)
@click.argument("event_id", type=click.UUID)
@click.option("--data", type=click.File("rb"), help="A file with the new data as a JSON object; - is standard input")
@click.option("--set", "members", multiple=True, metavar="NAME=JSON", help="Only this member of the data")
@click.option("--reason", required=True, help="Why; kept for ever")
@click.pass_obj
def edit(urls: Urls, /, service: str, event_id: uuid.UUID, data: IO[bytes] | None, **how: Any) -> None:
    """Put other data into a parked event; the body as it came is kept. Redrive it afterwards."""
    if bool(data) == bool(how["members"]):
        raise click.UsageError("Say either --data or --set")
    consumer = consumer_of(service)
    with opened(urls, service) as database, acting(database, service) as tx:
        seen = operating.must_be_open(tx, consumer, event_id)
        new = _json(data.read()) if data else {**((seen.body or {}).get("data") or {}), **_members(how["members"])}
        if not isinstance(new, dict):
            raise click.UsageError("The data must be a JSON object")
        edited = operating.edit(tx, consumer, event_id, new, how["reason"])
    click.echo(json.dumps((edited.body or {}).get("data"), indent=2, ensure_ascii=False))


def _members(words: Sequence[str]) -> dict[str, Any]:
    return {name: _json(text.encode()) for name, _, text in (word.partition("=") for word in words)}


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"Not JSON: {error}") from error


@click.command()
@click.argument("service", type=Service)
@click.option("--output", type=click.File("wb"), default="-", help="A file; standard output by default")
@filtered
@click.pass_obj
def export(urls: Urls, service: str, output: IO[bytes], where: Mapping[str, Any]) -> None:
    """Parked events with body, failures and actions, one JSON object a line."""
    with opened(urls, service) as database, looking(database, service) as tx:
        for one in inspecting.export(tx, where):
            output.write(encode(inspecting.told(one)) + b"\n")


COMMANDS = (parked, redrive, discard, edit, export)
