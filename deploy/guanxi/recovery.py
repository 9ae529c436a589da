"""``guanxi bus reconcile | replay | rebuild | restore-fence``: prove that all is there, and come back after a loss."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from chassis import comparing, lives
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.replay import replay as replay_log
from guanxi import registry
from guanxi.access import opened
from guanxi.home import Home

if TYPE_CHECKING:
    from reporting.difference import Difference
    from reporting.rebuild import Rebuilt

console = Console(markup=False, width=None if sys.stdout.isatty() else 200)
Service = click.Choice(registry.NAMES)
DIGITS = 12
"""Of a digest, for people; the JSON holds all of it."""


@contextmanager
def consumers(urls: Mapping[str, str], *services: str) -> Iterator[dict[str, Consumer]]:
    """The consumers of these services, with the logs of all others at hand."""
    with ExitStack() as stack:
        databases: dict[str, Database] = {}
        for name in urls:
            databases[name] = stack.enter_context(opened(dict(urls), name))
        logs = {name: DatabaseLog(database) for name, database in databases.items()}
        made = {name: registry.load(name).consumer(databases[name], logs) for name in services}
        found = {name: consumer for name, consumer in made.items() if consumer}
        for consumer in found.values():
            consumer.pausing.look()  # who is paused applies nothing here either
        yield found


# Reconcile


@click.command()
@click.argument("services", type=Service, nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Every service; so it is without names, too")
@click.option("--repair", is_flag=True, help="Fetch what is missing")
@click.option("--accept-extra", is_flag=True, help="Discard what sources have lost in a restore")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def reconcile(
    urls: dict[str, str], services: tuple[str, ...], everybody: bool, repair: bool, accept_extra: bool, as_json: bool
) -> None:
    """Compare every consumer's inbox with the logs it listens to; exit 1 when something is missing or extra."""
    names = tuple(urls) if everybody or not services else services
    with consumers(urls, *names) as found:
        rows = [
            {"consumer": name, **_compared(consumer, one, accept=accept_extra)}
            for name, consumer in found.items()
            for one in comparing.compare(consumer, repair=repair)
        ]
    missing, extra = sum(row["missing"] for row in rows), sum(row["extra"] for row in rows)
    if as_json:
        click.echo(json.dumps({"missing": missing, "extra": extra, "sources": rows}, indent=2))
    else:
        _print_rows(rows, "consumer", "source", "events", "missing", "extra")
        click.echo(f"{missing} missing, {extra} extra")
    sys.exit(1 if missing or extra else 0)


def _compared(consumer: Consumer, one: comparing.Comparison, *, accept: bool) -> dict[str, Any]:
    accepted = comparing.accept_extra(consumer, one.extra) if accept else 0
    counts = {"events": one.expected, "missing": len(one.missing), "extra": len(one.extra) - accepted}
    return {"source": one.source, **counts, "ids": sorted(map(str, [*one.missing, *one.extra]))[:100]}


# Replay


@click.command()
@click.option("--consumer", "name", required=True, help="A service, or its consumer: reporting, reporting.events")
@click.option("--source", type=Service, help="Whose log; needed when the consumer hears several")
@click.option("--from", "after", type=click.IntRange(min=0), required=True, help="Behind this position")
@click.option("--to", type=click.IntRange(min=1), help="Up to this position; by default to the end")
@click.pass_obj
def replay(urls: dict[str, str], name: str, source: str | None, after: int, to: int | None) -> None:
    """Take a stretch of a log once more: what is known changes nothing, and nothing happens outside of Guanxi."""
    service = name.removesuffix(".events")
    if service not in registry.NAMES:
        raise click.BadParameter(f"nobody is called {name}", param_hint="--consumer")
    with consumers(urls, service) as found:
        if service not in found:
            raise click.BadParameter(f"{service} hears nothing", param_hint="--consumer")
        heard = found[service].reactions.aggregates()
        if source is None and len(heard) > 1:
            raise click.UsageError(f"{service} hears {', '.join(sorted(heard))}: say --source")
        told = replay_log(found[service], source or next(iter(heard)), after=after, to=to)
    click.echo(f"{told.read} events of {told.source}: {told.news} were news, {told.read - told.news} known")


# Rebuild


@click.command()
@click.argument("reports", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every report")
@click.option("--verify-only", is_flag=True, help="Only compare; exit 1 when something differs")
@click.option("--from-sources", is_flag=True, help="From the logs of those who said it, instead of reporting's own")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rebuild(
    urls: dict[str, str],
    reports: tuple[str, ...],
    everything: bool,
    verify_only: bool,
    from_sources: bool,
    as_json: bool,
) -> None:
    """Fold the past again beside the live reports, compare, and replace them. Hearing goes on meanwhile."""
    from reporting.catalogue import SHELF
    from reporting.past import OwnLog, Producers
    from reporting.rebuild import rebuild as fold_again
    from reporting.shelf import Shelf

    known = {str(one.table.name): one for one in SHELF.projections}
    if bool(reports) == everything or (from_sources and not everything) or not set(reports) <= set(known):
        raise click.UsageError(f"say --all, or which without --from-sources: {', '.join(known)}")
    shelf = SHELF if everything else Shelf([known[name] for name in reports])
    with consumers(urls, "reporting") as found:
        consumer = found["reporting"]
        past = Producers(consumer, mends=not verify_only) if from_sources else OwnLog()
        told = fold_again(consumer.database, verify_only=verify_only, shelf=shelf, past=past)
    click.echo(json.dumps(_plain(told), indent=2)) if as_json else _print_rebuilt(told)
    sys.exit(0 if told.is_equal or told.is_replaced else 1)


def _plain(told: Rebuilt) -> dict[str, Any]:
    return {"equal": told.is_equal, **dataclasses.asdict(told)}


def _print_rebuilt(told: Rebuilt) -> None:
    table = Table("table", "live", "rebuilt", "difference")
    for name, one in told.tables.items():
        table.add_row(name, one.live[:DIGITS], one.rebuilt[:DIGITS], _in_words(one))
    console.print(table)
    for name, position in told.up_to.items():
        click.echo(f"{name} up to {position}")
    for remark, number in told.remarks.items():
        click.echo(f"{number} {REMARKS[remark]}")
    rate = told.events / max(told.seconds, 0.001)
    click.echo(f"{told.events} events in {told.seconds:.1f} s, {rate:.0f}/s")
    click.echo(f"hearing stood still for {told.stood_still_seconds:.2f} s")
    differing = sum(not one.is_equal for one in told.tables.values())
    done = "replaced" if told.is_replaced else "left as they are"
    click.echo(f"{'digest live = digest rebuilt' if told.is_equal else f'{differing} tables differ'}; {done}")


REMARKS = {
    "unheard": "said and without an effect here: parked, or not heard yet",
    "lacked": "heard and not in reporting's own log",
    "lost": "heard and lost by its source",
}


def _in_words(one: Difference) -> str:
    if one.is_equal:
        return "none"
    counts = f"{one.only_live} only live, {one.only_rebuilt} only rebuilt, {one.otherwise} otherwise"
    return f"{counts}, as {', '.join('/'.join(map(str, key)) for key in one.examples)}"


# A database that came back from a backup


@click.command("restore-fence")
@click.argument("service", type=Service)
@click.option(
    "--skip-numbers",
    default=lives.SKIPPED_NUMBERS,
    show_default=True,
    type=click.IntRange(min=0),
    help="Leave out so many numbers that may have been given since the backup",
)
@click.pass_context
def restore_fence(context: click.Context, service: str, skip_numbers: int) -> None:
    """Say that a service's database came back from a backup: after the restore, before it is started."""
    assert context.parent  # noqa: S101  (a command of a group)
    with opened(context.obj, service) as database:
        if database.is_sqlite:
            Home(context.parent.params["data"], demo=False).lock()
        else:
            lives.must_be_alone(database)
        life = lives.begin_life(database, skip=skip_numbers)
    click.echo(f"{service} begins epoch {life.epoch} behind position {life.position}; start it now")


def _print_rows(rows: list[dict[str, Any]], *columns: str) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    console.print(table)


commands = (reconcile, replay, rebuild, restore_fence)
