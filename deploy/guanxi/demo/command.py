"""``guanxi demo``: a company to look at, with a progress bar."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.settings import HalfSet
from guanxi import registry
from guanxi.demo.telling import SPAN, Outcome, Wish, tell, today
from guanxi.home import DEMO_PASSWORD, Home
from guanxi.provision import provision_all


@click.command()
@click.option("--data", envvar="GUANXI_DATA", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.option("--full", is_flag=True, help="The databases of up --full, on the server in GUANXI_DATABASE_URL")
@click.option("--small", is_flag=True, help="A small company, told in seconds")
@click.option("--seed", default=7, show_default=True, help="Another number is another story")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Where the two years end; by default now"
)
@click.option("--although-in-use", is_flag=True, help="Also where there are data already")
def demo(data: Path, full: bool, although_in_use: bool, **wanted: Any) -> None:
    """Fill a company that nobody uses at the moment with two years of its life. Told once, however often you ask."""
    began = time.monotonic()
    os.umask(0o077)
    home = Home(data, demo=True)
    home.lock()
    wish = wish_of(**wanted)
    console = Console()
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.fields[told]:>6} done"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("founding", total=SPAN.total_seconds(), told=0)

        def show(end: datetime, told: int) -> None:
            passed = (SPAN - (wish.until - end)).total_seconds()
            progress.update(task, completed=passed, description=f"{end:%Y-%m-%d}", told=told)

        outcome = tell(home, databases_of(home, full), wish, although_in_use=although_in_use, progress=show)
    console.print(said(outcome, home, time.monotonic() - began), markup=False)


def wish_of(seed: int, small: bool, until: datetime | None) -> Wish:
    return Wish(seed, until.replace(tzinfo=UTC) if until else today(), small)


def databases_of(home: Home, full: bool) -> Mapping[str, str]:
    """Where this installation keeps its data: where it was last started, or on the server that is named."""
    if not full:
        return home.database_urls()
    server = os.environ.get("GUANXI_DATABASE_URL")
    if not server:
        raise HalfSet(detail="Set GUANXI_DATABASE_URL, as for make up-full")
    urls = provision_all(server, list(registry.NAMES), home.secret, os.environ.get("GUANXI_PREFIX", "guanxi"))
    home.note_databases(urls)
    return urls


def said(outcome: Outcome, home: Home, seconds: float) -> str:
    if not outcome.told:
        return f"The company in {home.folder} was told already."
    return (
        f"{outcome.told} commands up to {outcome.wish.until:%Y-%m-%d} in {seconds:.0f} s, in {home.folder}. "
        f"Start it with make up; the demo accounts have the password {DEMO_PASSWORD}."
    )
