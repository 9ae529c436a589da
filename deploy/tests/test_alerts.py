"""The alert rules: each asks for something that a worker really tells, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from chassis.database import Database
from tests.running import Shop, open_shop
from tests.system import wait_until

FILE = Path(__file__).parents[1] / "alerts.yaml"
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
FROM_PROMETHEUS = {"up"}
"""Made by Prometheus itself at each scrape."""
FROM_FLOWS = {"bus_flow_stuck", "bus_flow_failed", "bus_scheduled_failures_total", "bus_effects_open"}
"""Told only by a service that has flows or effects outside, or whose scheduled messages fail; the toys have none."""

FUNCTIONS = {"time", "rate", "increase", "histogram_quantile"}
AGGREGATIONS = {"max", "min", "sum"}
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z_][a-z0-9_]*)|(\"[^\"]*\")|([<>=!]=|=~|[-+*/<>=(){}\[\],]))")


class NoExpression(Exception):
    """The text is not what Prometheus would take."""


class Grammar:
    """As much of PromQL as our rules use: comparisons, sums, calls, ``max by (…) (…)``, selectors and ranges."""

    def __init__(self, text: str) -> None:
        self.tokens, self.metrics, self.labels = list(tokens(text)), set[str](), set[str]()

    def read(self) -> None:
        """Raises NoExpression when the text is not an expression."""
        self.comparison()
        if self.tokens:
            raise NoExpression(f"not understood from here: {self.tokens}")

    def comparison(self) -> None:
        self.term()
        while self.next_is(">", "<", "==", "!=", ">=", "<=", "-", "+", "*", "/"):
            self.tokens.pop(0)
            self.term()

    def term(self) -> None:
        token = self.take()
        if token == "(":
            self.comparison()
            self.take(")")
        elif token in AGGREGATIONS:
            self.aggregation()
        elif token in FUNCTIONS:
            self.arguments()
        elif re.fullmatch(r"[a-z_][a-z0-9_]*", token):
            self.selector(token)
        elif not re.fullmatch(r"\d+(\.\d+)?", token):
            raise NoExpression(f"{token} cannot stand here")

    def aggregation(self) -> None:
        if self.next_is("by"):
            self.take("by")
            self.take("(")
            self.labels.add(self.take())
            while self.next_is(","):
                self.take(",")
                self.labels.add(self.take())
            self.take(")")
        self.arguments()

    def arguments(self) -> None:
        self.take("(")
        if not self.next_is(")"):
            self.comparison()
        while self.next_is(","):
            self.take(",")
            self.comparison()
        self.take(")")

    def selector(self, name: str) -> None:
        self.metrics.add(name)
        if self.next_is("{"):
            self.take("{")
            self.labels.add(self.take())
            self.take("=", "!=", "=~")
            self.take()
            self.take("}")
        if self.next_is("["):
            self.take("[")
            if not re.fullmatch(r"\d+", self.take()) or not re.fullmatch(r"[smhd]", self.take()):
                raise NoExpression("a range is a number and a unit")
            self.take("]")

    def next_is(self, *wanted: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in wanted

    def take(self, *wanted: str) -> str:
        if not self.tokens or (wanted and self.tokens[0] not in wanted):
            raise NoExpression(f"expected {wanted or 'more'}, found {self.tokens[:1] or 'the end'}")
        return self.tokens.pop(0)


def tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        if not found:
            raise NoExpression(f"not understood: {text[place:]}")
        yield found.group().strip()
        place = found.end()


def understood(rule: dict[str, Any]) -> Grammar:
    grammar = Grammar(rule["expr"])
    grammar.read()
    return grammar


@pytest.fixture
def shop(new_postgres: Callable[[], Database], vhost: str) -> Iterator[Shop]:
    with open_shop(new_postgres, vhost, vhost) as shop:
        shop.make(colours=2)
        shop.wait_for_labels(3)
        yield shop


def samples(shop: Shop) -> dict[str, set[str]]:
    """The names of all samples that both workers tell about themselves, with the names of their labels."""
    found: dict[str, set[str]] = {}
    for worker in (shop.workshop, shop.shelf):
        text = worker.app().test_client().get("/metrics").get_data(as_text=True)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if {"workshop", "shelf", "shelf.events"} & set(sample.labels.values()):
                    found.setdefault(sample.name, set()).update(sample.labels)
    return found


@EVERY_RULE
def test_a_rule_can_be_read_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert understood(rule).metrics
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert re.fullmatch(r"[A-Z].*\.", rule["annotations"]["do"])
    assert rule["annotations"]["summary"]


@EVERY_RULE
def test_a_rule_asks_only_for_metrics_that_are_registered(rule: dict[str, Any]) -> None:
    known = {family.name for family in REGISTRY.collect()}

    assert {re.sub("_(bucket|total)$", "", name) for name in understood(rule).metrics - FROM_PROMETHEUS} <= known


@pytest.mark.infra
@pytest.mark.broker
def test_workers_tell_every_metric_and_label_that_a_rule_asks_for(shop: Shop) -> None:
    asked = {name for rule in RULES for name in understood(rule).metrics} - FROM_PROMETHEUS - FROM_FLOWS

    wait_until(lambda: asked <= set(samples(shop)), f"all of {asked}")
    found = samples(shop)

    missing = {
        f"{rule['alert']}: {name} has no label {label}"
        for rule in RULES
        for name in understood(rule).metrics & asked
        for label in understood(rule).labels - found[name]
    }
    assert missing == set()


@pytest.mark.parametrize(
    "text", ["bus_dead >", "max by (consumer bus_dead", "rate(bus_dead[5x])", "bus_dead{} > 0", "1 2", "bus dead"]
)
def test_the_reader_refuses_what_is_no_expression(text: str) -> None:
    with pytest.raises(NoExpression):
        Grammar(text).read()
