"""``guanxi bus effect``: what is to happen outside and has not, and what a person knows better about it."""

from __future__ import annotations

import json
import sys

import click
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from chassis.effects import State, settle
from chassis.principal import Principal
from chassis.tables import external_effect
from chassis.transaction import transaction
from guanxi import registry
from guanxi.access import opened, who

console = Console(markup=False, width=None if sys.stdout.isatty() else 200)
Urls = dict[str, str]
VERDICTS = {"done": State.SUCCEEDED, "not-done": State.PENDING, "given-up": State.FAILED}
SHOWN = ("idempotency_key", "kind", "subject", "state", "attempts", "next_at", "response", "made_at", "changed_by")


@click.group("effect")
def commands() -> None:
    """Look after effects outside, such as deliveries to webhooks."""


@commands.command("list")
@click.option("--state", type=click.Choice([one.value for one in State]), help="By default all that have not succeeded")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_effects(urls: Urls, state: str | None, limit: int, as_json: bool) -> None:
    """Oldest first."""
    table = external_effect.c
    which = table.state == state if state else table.state != State.SUCCEEDED
    wanted = sa.select(*(table[name] for name in SHOWN)).where(which).order_by(table.made_at).limit(limit)
    found = []
    for service in urls:
        with opened(urls, service) as database, database.reading() as session:
            found += [{"service": service, **row._mapping} for row in session.execute(wanted)]
    if as_json:
        click.echo(json.dumps(found, default=str, indent=2))
        return
    shown = Table("service", "key", "kind", "state", "tries", "next", "answer")
    for one in found:
        cells = ("service", "idempotency_key", "kind", "state", "attempts", "next_at", "response")
        shown.add_row(*(str(one[name]) for name in cells))
    console.print(shown)


@commands.command("settle")
@click.argument("service", type=click.Choice(registry.NAMES))
@click.argument("key")
@click.option("--as", "verdict", type=click.Choice(list(VERDICTS)), required=True, help="not-done: try it again")
@click.option("--reason", required=True, help="How you know; kept with the effect")
@click.pass_obj
def settle_effect(urls: Urls, service: str, key: str, verdict: str, reason: str) -> None:
    """Say what came of an effect that nobody could find out about, or try a failed one again."""
    with opened(urls, service) as database, transaction(database, service, principal=Principal(name=who())) as tx:
        settle(tx, key, VERDICTS[verdict], reason=reason)
    click.echo(f"{key}: {VERDICTS[verdict]}")
