"""``contracts/asyncapi.json`` held against a broker: does each queue get the events that the document promises it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.topology import EXCHANGE, Difference, Topology
from guanxi import contracts, registry

Promises = Mapping[str, set[str]]
"""By queue, routing keys of events."""
SHOWN = 3


def document() -> dict[str, Any]:
    """As it is committed; where only the packages are installed, as the code would write it."""
    if contracts.ASYNCAPI.exists():
        found: dict[str, Any] = json.loads(contracts.ASYNCAPI.read_text())
        return found
    return contracts.asyncapi(list(registry.load_all().values()))


def broken(document: Mapping[str, Any], found: Topology) -> Iterator[Difference]:
    """Where document and broker do not agree: an exchange of another kind, a queue that gets too little or too much."""
    kinds = {exchange.name: exchange.kind for exchange in found.exchanges}
    for name, kind in sorted(_exchanges(document)):
        if kinds.get(name) != kind:
            yield Difference("differs", "asyncapi", name, kind, kinds.get(name, "no such exchange"))
    promised, delivered = _promised(document), _delivered(document, found)
    for queue in sorted(promised.keys() | delivered.keys()):
        want, have = promised.get(queue, set()), delivered.get(queue, set())
        if want != have:
            lacks, has = _told("these events too:", want - have), _told("these that are not promised:", have - want)
            yield Difference("differs", "asyncapi", queue, lacks, has)


def _exchanges(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    bindings = (channel["bindings"]["amqp"]["exchange"] for channel in document["channels"].values())
    return {(exchange["name"], exchange["type"]) for exchange in bindings}


def _promised(document: Mapping[str, Any]) -> Promises:
    found: dict[str, set[str]] = {}
    for operation in document["operations"].values():
        if operation["action"] == "receive":
            channel = document["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]
            found.setdefault(operation["x-queue"], set()).add(channel["address"])
    return found


def _delivered(document: Mapping[str, Any], found: Topology) -> Promises:
    """Which of the document's events the bindings let through to each queue."""
    said = [channel["address"] for channel in document["channels"].values()]
    through: dict[str, set[str]] = {}
    for binding in found.bindings:
        if binding.exchange == EXCHANGE:
            through.setdefault(binding.queue, set()).update(key for key in said if lets_through(binding.key, key))
    return through


def lets_through(pattern: str, key: str) -> bool:
    """As a topic exchange compares: ``*`` is one word, ``#`` any number of them."""
    return _match(pattern.split("."), key.split("."))


def _match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    head, *rest = pattern
    if head == "#":
        return any(_match(rest, words[start:]) for start in range(len(words) + 1))
    return bool(words) and head in ("*", words[0]) and _match(rest, words[1:])


def _told(what: str, keys: set[str]) -> str:
    if not keys:
        return ""
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return f"{what} {', '.join(sorted(keys)[:SHOWN])}{more}"
