"""``guanxi person``: erase somebody everywhere, see how far that is, export what is held, find where a name stands."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.table import Table

from chassis.erasure import reapply, registered
from chassis.fields import checked
from chassis.holding import all_held
from chassis.personal import Subject, subject_of
from chassis.principal import Principal
from chassis.transaction import looking, transaction
from guanxi import registry
from guanxi.access import opened, who
from guanxi.home import Home
from guanxi.scan import places_of
from identity.erasure.commands import request_erasure
from identity.erasure.model import Ground
from identity.erasure.queries import ERASURES, get_erasure
from identity.erasure.resources import ErasureFields

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
IDENTITY = "identity"
PATIENCE_SECONDS = 600.0
Urls = dict[str, str]


class SubjectType(click.ParamType[Subject]):
    """Somebody, named by the record about him or her."""

    name = "subject"

    def convert(self, value: Any, param: Any, ctx: Any) -> Subject:
        try:
            return subject_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group()
@click.option("--data", envvar="GUANXI_DATA", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.pass_context
def person(context: click.Context, data: Path) -> None:
    """Look after the personal data in this data folder."""
    context.obj = Home(data, demo=False).database_urls()


@person.command()
@click.argument("subjects", type=SubjectType(), nargs=-1, required=True)
@click.option("--ground", required=True, type=click.Choice([one.value for one in Ground]))
@click.option("--case", "case_no", default="", help="The number of your own file about it")
@click.option("--texts", is_flag=True, help="Also what people wrote about these records")
@click.option("--wait", is_flag=True, help="Until every service has done it; exit 1 when one has not in time")
@click.pass_obj
def erase(urls: Urls, subjects: Sequence[Subject], ground: str, case_no: str, texts: bool, wait: bool) -> None:
    """Have somebody forgotten, everywhere: SUBJECTS are like contact/7, user/3, customer/KH…, opportunity/12."""
    said = {"subjects": list(map(str, subjects)), "ground": ground, "case_no": case_no, "with_texts": texts}
    with opened(urls, IDENTITY) as database, transaction(database, IDENTITY, principal=Principal(name=who())) as tx:
        number = request_erasure(tx, **checked(ErasureFields(), said)).id
    click.echo(f"erasure {number}")
    if wait:
        sys.exit(0 if _wait(urls, number) == "done" else 1)


@person.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_erasures(urls: Urls, as_json: bool) -> None:
    """The newest 50 erasures, and how far they are."""
    with opened(urls, IDENTITY) as database, looking(database, IDENTITY) as tx:
        rows = [dict(row._mapping) for row in ERASURES.page(tx, {"size": 50}).items]
    if as_json:
        click.echo(json.dumps(rows, default=str, indent=2))
        return
    table = Table("erasure", "state", "ground", "case", "texts", "by", "requested", "completed")
    for row in rows:
        names = ("id", "state", "ground", "case_no", "with_texts", "requested_by_name", "requested_at", "completed_at")
        table.add_row(*(str(row[name] if row[name] is not None else "") for name in names))
    console.print(table)


@person.command()
@click.argument("erasure_id", type=int)
@click.pass_obj
def show(urls: Urls, erasure_id: int) -> None:
    """One erasure: who it is about, which services have done it, and how many rows that were."""
    found = _erasure(urls, erasure_id)
    click.echo(f"erasure {erasure_id} is {found['state']}: {', '.join(found['subjects'])}")
    table = Table("service", "since", "rows")
    for service, at, tables in found["parts"]:
        rows = ", ".join(f"{number} {name}" for name, number in sorted(tables.items()))
        table.add_row(service, str(at or "not yet"), rows)
    console.print(table)


@person.command()
@click.argument("subjects", type=SubjectType(), nargs=-1, required=True)
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="A file only you may read")
@click.pass_obj
def export(urls: Urls, subjects: Sequence[Subject], output: IO[str]) -> None:
    """All that is held about somebody, in every service, as JSON."""
    known = _known(urls, subjects)
    held: dict[str, Any] = {}
    for name, service in registry.load_all().items():
        with opened(urls, name) as database, looking(database, name) as tx:
            held[name] = list(all_held(service, tx, known))
    document = {"subjects": list(map(str, known)), "held": held}
    output.write(json.dumps(document, default=str, indent=2, ensure_ascii=False) + "\n")


@person.command()
@click.argument("text")
@click.pass_obj
def find(urls: Urls, text: str) -> None:
    """Every place where TEXT stands, in tables and in SQLite's files; exit 1 when there is one."""
    table, number = Table("service", "table", "column", "key"), 0
    for place in places_of(urls, text):
        table.add_row(place.service, place.table, place.column, place.key)
        number += 1
    if number:
        console.print(table)
    click.echo(f"{number} places")
    sys.exit(1 if number else 0)


@person.command()
@click.pass_obj
def again(urls: Urls) -> None:
    """After a restore: everybody whom any service knows as erased is erased again in all of them."""
    everybody: set[tuple[Subject, bool]] = set()
    for name in urls:
        with opened(urls, name) as database, database.reading() as session:
            everybody |= set(registered(session))
    for name in urls:
        with opened(urls, name) as database, transaction(database, name) as tx:
            added = reapply(tx, sorted(everybody))
        click.echo(f"{name}: {added} had been forgotten, {len(everybody)} are swept again by the worker")


def _known(urls: Urls, subjects: Iterable[Subject]) -> list[Subject]:
    """All subjects that services know to be the same person."""
    known = set(subjects)
    for name, service in registry.load_all().items():
        if service.same_person:
            with opened(urls, name) as database, looking(database, name) as tx:
                known |= set(service.same_person(tx, sorted(known)))
    return sorted(known)


def _erasure(urls: Urls, erasure_id: int) -> dict[str, Any]:
    with opened(urls, IDENTITY) as database, looking(database, IDENTITY) as tx:
        found = get_erasure(tx, erasure_id)
        parts = [(part.service, part.erased_at, part.tables) for part in found.parts]
        return {"state": found.state, "subjects": found.subjects, "parts": parts}


def _wait(urls: Urls, erasure_id: int) -> str:
    """The state in which it ended, or is after a long while."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (state := str(_erasure(urls, erasure_id)["state"])) in ("requested", "erasing"):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    click.echo(state)
    return state
