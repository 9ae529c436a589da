"""``guanxi bus topology``: what the broker has to hold, what it holds, and how to bring the two together."""

from __future__ import annotations

import dataclasses
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chassis import declaring, topology
from chassis.amqp import BROKER_TROUBLE, connected, parameters, trouble_of
from chassis.problems import Unavailable
from chassis.settings import HalfSet
from chassis.topology import ACCOUNTS, Difference, Topology
from guanxi import promises
from guanxi.definitions import VARIABLE, VHOST, definitions, password_of, text_of, wanted
from guanxi.management import Management

console = Console(markup=False, width=None if sys.stdout.isatty() else 200)
BLIND = (
    "Bindings, policies, accounts and alarms were not compared: AMQP does not show them. "
    "Give the management API's address in GUANXI_AMQP_MANAGEMENT_URL, http://user:password@host:15672"
)


@dataclasses.dataclass(frozen=True)
class Broker:
    """A virtual host by its two doors; the management API may be missing."""

    amqp_url: str
    management_url: str
    accounts: str = ACCOUNTS

    @property
    def management(self) -> Management | None:
        if not self.management_url:
            return None
        return Management(self.management_url, parameters(self.amqp_url).virtual_host, self.accounts)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Raises HalfSet or Unavailable."""
        if not self.amqp_url:
            raise HalfSet(detail="GUANXI_AMQP_URL says where the broker is, amqp://user:password@host/vhost")
        try:
            with connected(self.amqp_url) as connection:
                yield connection
        except BROKER_TROUBLE as error:
            raise Unavailable(detail=f"The broker does not answer: {trouble_of(error)}") from error

    def plan(self, want: Topology) -> list[Difference]:
        """How the broker differs from what is wanted, as far as can be seen."""
        if self.management:
            return topology.compare(want, self.management.found(want))
        with self.connection() as connection:
            return declaring.look(connection, want)

    def apply(self, want: Topology, environment: Mapping[str, str] = os.environ) -> None:
        """Create and correct what can be, without touching a message; the environment may hold passwords."""
        with self.connection() as connection:
            declaring.declare(connection, want)
        if self.management:
            for policy in want.policies:
                self.management.put_policy(policy)
            for account in want.accounts:
                self.management.put_account(account, password_of(account.name, environment, self.accounts))

    def mend(self, want: Topology) -> None:
        """Apply, and take away what can do harm and holds nothing: surplus bindings and policies of our queues."""
        self.apply(want)
        if self.management:
            self._remove([one for one in self.plan(want) if one.kind == "surplus"], want, self.management)

    def _remove(self, surplus: Sequence[Difference], want: Topology, management: Management) -> None:
        ours = {queue.name for queue in want.queues}
        bindings = {one.name: one for one in management.found(want).bindings if one.queue in ours}
        with self.connection() as connection:
            for difference in surplus:
                if difference.part == "policy" and difference.name.startswith("crm-"):
                    management.delete_policy(difference.name)
                elif difference.part == "binding" and difference.name in bindings:
                    declaring.unbind(connection, bindings[difference.name])

    def examine(self, want: Topology, promised: Mapping[str, Any] | None = None) -> list[Difference]:
        """Everything a doctor looks at: the plan, who consumes, what died, alarms, and an AsyncAPI document."""
        found = self.plan(want)
        if self.management and promised is not None:
            found += promises.broken(promised, self.management.found(want))
        with self.connection() as connection:
            for queue in (one.name for one in want.queues if not one.name.endswith(".dead")):
                found += _life(queue, declaring.depth(connection, queue), declaring.depth(connection, f"{queue}.dead"))
        if self.management and self.management.has_alarm():
            found.append(Difference("surplus", "alarm", "memory or disk", "none", "the broker takes no events"))
        return found


def _life(queue: str, main: tuple[int, int] | None, dead: tuple[int, int] | None) -> Iterator[Difference]:
    if main and main[1] == 0:
        yield Difference("missing", "consumer", queue, "a worker", f"none; {main[0]} wait")
    if dead and dead[0] > 0:
        yield Difference("surplus", "dead letters", f"{queue}.dead", "0", str(dead[0]))


@click.group("topology")
@click.option("--amqp-url", envvar="GUANXI_AMQP_URL", default="", help="amqp://user:password@host/vhost")
@click.option(
    "--management-url", envvar="GUANXI_AMQP_MANAGEMENT_URL", default="", help="http://user:password@host:15672"
)
@click.option("--accounts", envvar="GUANXI_PREFIX", default=ACCOUNTS, show_default=True, help="How their names begin")
@click.pass_context
def commands(context: click.Context, amqp_url: str, management_url: str, accounts: str) -> None:
    """Exchanges, queues, bindings, policies and accounts of the broker."""
    logging.getLogger("pika").setLevel(logging.ERROR)  # asking for what is missing is a warning to it
    context.obj = Broker(amqp_url, management_url, accounts)


@commands.command()
@click.pass_obj
def plan(broker: Broker) -> None:
    """Show what apply would change; nothing is changed."""
    tell(broker.plan(wanted(broker.accounts)), "Nothing to do")
    say_if_blind(broker)


@commands.command()
@click.pass_obj
def apply(broker: Broker) -> None:
    """Create what is missing and correct what differs; exit 1 when something is left for a person."""
    want = wanted(broker.accounts)
    before = broker.plan(want)
    broker.apply(want)
    left = broker.plan(want)
    for difference in before:
        if difference not in left:
            click.echo(f"mended: {difference}")
    tell(left, "The broker is as wanted")
    say_if_blind(broker)
    say_who_cannot_log_in(broker, want)
    sys.exit(1 if left else 0)


@commands.command()
@click.option("--fix", is_flag=True, help="Apply, and remove bindings and policies that nobody wants")
@click.pass_obj
def doctor(broker: Broker, fix: bool) -> None:
    """Compare everything, and say who consumes and what died; exit 1 when something is not as it should be."""
    want = wanted(broker.accounts)
    if fix:
        broker.mend(want)
    found = broker.examine(want, promises.document())
    tell(found, "The broker is as wanted and promised, every queue has a consumer, no letter is dead")
    say_if_blind(broker)
    sys.exit(1 if found else 0)


@commands.command("definitions")
@click.option("--vhost", default=VHOST, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file instead of standard output")
def write_definitions(vhost: str, output: Path | None) -> None:
    """Write the file that a new broker reads at its start."""
    text = text_of(definitions(wanted(), vhost, os.environ))
    if not output:
        click.echo(text, nl=False)
        return
    holds_secrets = any(name.startswith(VARIABLE) for name in os.environ)
    output.touch(mode=0o600 if holds_secrets else 0o644)
    output.write_text(text)


def tell(differences: Sequence[Difference], otherwise: str) -> None:
    """A table, or one line when there is nothing to show."""
    if not differences:
        click.echo(otherwise)
        return
    table = Table("", "what", "name")
    for one in differences:
        facts = [f"  {title} {text}" for title, text in (("wanted:", one.wanted), ("found: ", one.found)) if text]
        table.add_row(one.kind, one.part, "\n".join([one.name, *facts]))
    console.print(table)


def say_if_blind(broker: Broker) -> None:
    if not broker.management:
        click.echo(BLIND, err=True)


def say_who_cannot_log_in(broker: Broker, want: Topology) -> None:
    names = [one.name for one in want.accounts if not password_of(one.name, os.environ, broker.accounts)]
    if broker.management and names:
        click.echo(f"Passwords left as they are (no {VARIABLE}…): {', '.join(names)}", err=True)
