"""What the broker has to hold for us: exchanges, queues, bindings, policies, and who may do what.

Data only, made from what services listen to. The worker declares it, ``guanxi bus topology`` compares and mends
it, and the definitions file of a new broker is written from it. Nothing here differs between RabbitMQ 3.10 and 4.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from chassis.events import PREFIX

EXCHANGE = "crm.events"
DEAD_EXCHANGE = "crm.dead"
QUORUM: Mapping[str, object] = {"x-queue-type": "quorum", "x-single-active-consumer": True}
"""What no policy can set, and nobody can change later. Everything else about a queue is its policy."""
POLICY_PRIORITY = 10
"""Only one policy counts for a queue; ours must win against a broad one of the house."""
DELIVERY_LIMIT = 50
ACCOUNTS = "guanxi"
"""How the names of accounts begin: those are the broker's, not the virtual host's, so each installation has its own."""
Listens = Mapping[str, Iterable[str]]
"""Aggregate types by the service that says them."""
Kind = Literal["missing", "differs", "surplus"]


def routing_key(event_type: str) -> str:
    return event_type.removeprefix(PREFIX)


def queue_name(service: str) -> str:
    return f"crm.{service}.events"


def dead_queue_name(service: str) -> str:
    return f"{queue_name(service)}.dead"


def account_name(service: str, accounts: str = ACCOUNTS) -> str:
    return f"{accounts}-{service}"


@dataclasses.dataclass(frozen=True)
class Exchange:
    """Where publishers leave events."""

    name: str
    kind: str
    durable: bool = True


@dataclasses.dataclass(frozen=True)
class Queue:
    """Where one service's events wait."""

    name: str
    arguments: Mapping[str, object] = dataclasses.field(default_factory=lambda: QUORUM)
    durable: bool = True


@dataclasses.dataclass(frozen=True)
class Binding:
    """Which events of an exchange reach a queue."""

    exchange: str
    queue: str
    key: str

    @property
    def name(self) -> str:
        return f"{self.exchange} {self.key} → {self.queue}"


@dataclasses.dataclass(frozen=True)
class Policy:
    """The changeable settings of one queue. A policy cannot fill in a name, so each queue has its own."""

    name: str
    pattern: str
    definition: Mapping[str, object]
    apply_to: str = "queues"
    priority: int = POLICY_PRIORITY


@dataclasses.dataclass(frozen=True)
class Account:
    """A service's user: it speaks only in its own name, and reads only what it listens to."""

    name: str
    configure: str
    write: str
    read: str
    says: str
    hears: str


@dataclasses.dataclass(frozen=True)
class Topology:
    """All of it, wanted or found."""

    exchanges: Sequence[Exchange] = ()
    queues: Sequence[Queue] = ()
    bindings: Sequence[Binding] = ()
    policies: Sequence[Policy] = ()
    accounts: Sequence[Account] = ()


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that is not as wanted."""

    kind: Kind
    part: str
    name: str
    wanted: str = ""
    found: str = ""

    def __str__(self) -> str:
        facts = f" (wanted {self.wanted}, found {self.found})" if self.kind == "differs" else ""
        return f"{self.part} {self.name} {'is ' if self.kind != 'differs' else ''}{self.kind}{facts}"


EXCHANGES = (Exchange(EXCHANGE, "topic"), Exchange(DEAD_EXCHANGE, "direct"))


def of_service(service: str, listens: Listens, accounts: str = ACCOUNTS) -> Topology:
    """What one service needs; without listening, only the exchanges and its account."""
    account = _account(account_name(service, accounts), service, listens)
    if not listens:
        return Topology(EXCHANGES, accounts=(account,))
    queue, dead = queue_name(service), dead_queue_name(service)
    keys = sorted(f"{source}.{aggregate}.#" for source, aggregates in listens.items() for aggregate in aggregates)
    return Topology(
        exchanges=EXCHANGES,
        queues=(Queue(queue), Queue(dead)),
        bindings=(*(Binding(EXCHANGE, queue, key) for key in keys), Binding(DEAD_EXCHANGE, dead, queue)),
        policies=(_policy(service),),
        accounts=(account,),
    )


def of_all(listens: Mapping[str, Listens], accounts: str = ACCOUNTS) -> Topology:
    """What all services need together."""
    parts = [of_service(service, heard, accounts) for service, heard in sorted(listens.items())]
    return Topology(
        exchanges=EXCHANGES,
        queues=tuple(queue for part in parts for queue in part.queues),
        bindings=tuple(binding for part in parts for binding in part.bindings),
        policies=tuple(policy for part in parts for policy in part.policies),
        accounts=tuple(account for part in parts for account in part.accounts),
    )


def _policy(service: str) -> Policy:
    """A last net only: retries are ours. What dead-letters leaves its queue when the dead-letter queue has it."""
    queue = queue_name(service)
    definition = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-exchange": DEAD_EXCHANGE,
        "dead-letter-routing-key": queue,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
    }
    return Policy(f"crm-{service}-events", exactly(queue), definition)


def _account(name: str, service: str, listens: Listens) -> Account:
    """Write and read reach its own queue and the exchange, so that the worker can bind again what was deleted."""
    own = (queue_name(service), dead_queue_name(service)) if listens else ()
    heard = sorted(f"{source}.{aggregate}" for source, aggregates in listens.items() for aggregate in aggregates)
    return Account(
        name=name,
        configure=exactly(*own),
        write=exactly(EXCHANGE, *own),
        read=exactly(EXCHANGE, *own) if own else exactly(),
        says=f"^{_escaped(service)}\\.",
        hears=f"^({'|'.join(map(_escaped, heard))})\\." if heard else exactly(),
    )


def exactly(*names: str) -> str:
    """A pattern that matches these names and nothing else; ``^$`` matches no name at all."""
    if len(names) > 1:
        return f"^({'|'.join(map(_escaped, names))})$"
    return f"^{_escaped(''.join(names))}$"


def _escaped(name: str) -> str:
    return name.replace(".", "\\.")


def compare(wanted: Topology, found: Topology) -> list[Difference]:
    """What is missing, what differs, and what is there without need, part by part."""
    differences: list[Difference] = []
    for field in dataclasses.fields(Topology):
        want = {one.name: one for one in getattr(wanted, field.name)}
        have = {one.name: one for one in getattr(found, field.name)}
        part = PARTS[field.name]
        differences += [Difference("missing", part, name) for name in want if name not in have]
        differences += [
            Difference("differs", part, name, **_unlike(want[name], have[name]))
            for name in want
            if name in have and want[name] != have[name]
        ]
        differences += [Difference("surplus", part, name) for name in have if name not in want]
    return differences


PARTS = {
    "exchanges": "exchange",
    "queues": "queue",
    "bindings": "binding",
    "policies": "policy",
    "accounts": "account",
}


def _unlike(wanted: Any, found: Any) -> dict[str, str]:
    """Only the facts that differ, as text."""
    mine, theirs = _facts(wanted), _facts(found)
    names = [name for name in mine | theirs if mine.get(name) != theirs.get(name)]
    return {
        "wanted": ", ".join(f"{name}={mine.get(name, '-')}" for name in names),
        "found": ", ".join(f"{name}={theirs.get(name, '-')}" for name in names),
    }


def _facts(thing: Any) -> dict[str, object]:
    facts: dict[str, object] = {}
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        facts |= dict(value) if isinstance(value, Mapping) else {field.name: value}
    return facts


def matches(pattern: str, name: str) -> bool:
    """Whether a policy's pattern catches a queue; RabbitMQ searches, it does not compare whole names."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False
