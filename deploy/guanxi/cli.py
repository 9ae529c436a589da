"""The ``guanxi`` command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from chassis.problems import Problem
from guanxi import registry

DEFAULT_PORT = 8080
DEFAULT_DATA = Path("data")


class Commands(click.Group):
    """Loads import, bus, person and demo only when they are called: a server has no use for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "bus", "demo", "import", "person"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "import":
            from guanxi.importing.command import import_folder

            return import_folder
        if cmd_name == "bus":
            from guanxi.bus import bus

            return bus
        if cmd_name == "person":
            from guanxi.person import person

            return person
        if cmd_name == "demo":
            from guanxi.demo.command import demo

            return demo
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands)
def commands() -> None:
    """Run Guanxi, import data, look after the event bus and after personal data."""


@commands.command()
@click.option("--full", is_flag=True, help="PostgreSQL and RabbitMQ, a process per service")
@click.option("--port", envvar="GUANXI_PORT", default=DEFAULT_PORT, show_default=True)
@click.option("--data", envvar="GUANXI_DATA", type=click.Path(path_type=Path), default=DEFAULT_DATA, show_default=True)
@click.option("--host", envvar="GUANXI_HOST", default="127.0.0.1", show_default=True)
@click.option("--demo/--no-demo", envvar="GUANXI_DEMO", default=True, help="Four demo accounts, one per role")
@click.option("--health-port", envvar="GUANXI_HEALTH_PORT", default=0, help="Health and metrics, without --full")
def up(full: bool, port: int, data: Path, host: str, demo: bool, health_port: int) -> None:
    """Start everything and serve until Ctrl-C."""
    if full:
        from guanxi.supervised import run

        run(data, host=host, port=port, demo=demo)
    else:
        from guanxi.up import run_embedded

        run_embedded(data, host=host, port=port, demo=demo, health_port=health_port)


@commands.command()
@click.argument("service", type=click.Choice(registry.NAMES))
def serve(service: str) -> None:
    """Answer one service's requests (settings from the environment)."""
    from guanxi.processes import serve as run

    run(service)


@commands.command()
@click.argument("service", type=click.Choice(registry.NAMES))
def work(service: str) -> None:
    """Relay, consume and keep house for one service (settings from the environment)."""
    from guanxi.processes import work as run

    run(service)


@commands.command()
@click.argument("service", type=click.Choice(registry.NAMES))
def migrate(service: str) -> None:
    """Bring one service's database to the newest revision (settings from the environment)."""
    from guanxi.processes import migrate as run

    click.echo("migrated" if run(service) else "nothing to do")


@commands.command()
def gateway() -> None:
    """The one door (settings from the environment)."""
    from guanxi.processes import gateway as run

    run()


@commands.command()
@click.option("--check", is_flag=True, help="Only compare; fail when a file differs")
def contracts(check: bool) -> None:
    """Write contracts/ from the code, or compare."""
    from guanxi import contracts as files

    if not check:
        for path in files.write():
            click.echo(path)
        return
    differing = files.differing()
    for name in differing:
        click.echo(f"differs from the code: {name} (run: make contracts)", err=True)
    sys.exit(1 if differing else 0)


@commands.command()
@click.option("--without-refusals", is_flag=True, help="Good answers only: what the web client's types are made from")
def openapi(without_refusals: bool) -> None:
    """Print the API document as the gateway joins it."""
    from guanxi import client

    document = client.joined()
    click.echo(json.dumps(client.without_refusals(document) if without_refusals else document, indent=2))


@commands.command()
@click.argument("service", type=click.Choice(registry.NAMES))
@click.option("-m", "--message", default="change", help="A few words for the file name")
def migrations(service: str, message: str) -> None:
    """Write the migration that a changed model needs."""
    from guanxi.revisions import write

    click.echo(write(service, message) or "The tables are as the models say")


def main() -> None:
    """Run a command; a refusal is a sentence, not a stack trace."""
    try:
        commands(standalone_mode=True)
    except Problem as problem:
        click.echo(f"guanxi: {problem.title}. {problem.detail}", err=True)
        sys.exit(2)
