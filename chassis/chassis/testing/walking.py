"""A walk through a state machine over HTTP: what an answer offers is what calling it does, and nothing else happens.

A service's tests say how each action is called; chance says who tries what::

    @given(some.lists(some.tuples(some.sampled_from(PEOPLE), some.sampled_from(sorted(CALLS))), max_size=12))
    def test_a_random_walk(choices):
        Walk(LIFE_CYCLE, CALLS, path).go((clients[who], action) for who, action in choices)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from flask.testing import FlaskClient

from chassis.machine import Machine
from chassis.testing.stage import Client


@dataclasses.dataclass(frozen=True)
class Call:
    """How one action is called: the address behind the record's, and what is sent."""

    method: str
    suffix: str = ""
    body: Mapping[str, Any] | None = None


class Walk:
    """One record, tried by anybody with anything. Raises AssertionError when the server breaks its word."""

    def __init__(self, machine: Machine, calls: Mapping[str, Call], path: str) -> None:
        self.machine, self.calls, self.path = machine, calls, path
        self.is_gone = False
        people = {move.action for move in machine.moves if not (move.begins or move.by_itself)}
        if missing := people - set(calls):
            raise AssertionError(f"{machine.noun}: nobody says how to call {sorted(missing)}")

    def go(self, choices: Iterable[tuple[Client, str]]) -> None:
        for client, action in choices:
            if not self.is_gone:
                self.step(client.client, action)

    def step(self, client: FlaskClient, action: str) -> None:
        """Look, try, look again."""
        before = client.get(self.path)
        if before.status_code == 404:
            status, problem = self._try(client, action, version=1)
            _must(status in (403, 404), f"{action} of a record that is not seen: {status} {problem}")
            return
        shown = msgspec.json.decode(before.data)
        offer = next(one for one in shown["actions"] if one["action"] == action)
        status, answer = self._try(client, action, version=shown["version"])
        self._must_keep_its_word(offer, status, answer)
        if status < 300:
            self._must_have_moved(client, action, shown)

    def _try(self, client: FlaskClient, action: str, *, version: int) -> tuple[int, Any]:
        call = self.calls[action]
        headers = {"If-Match": f'"{version}"'}
        answer = client.open(self.path + call.suffix, method=call.method, json=call.body, headers=headers)
        return answer.status_code, msgspec.json.decode(answer.data) if answer.data else None

    def _must_keep_its_word(self, offer: Mapping[str, Any], status: int, answer: Any) -> None:
        if offer["allowed"]:
            _must(status < 300, f"{offer['action']} was offered and gave {status} {answer}")
            return
        reason = offer["reason"]
        said = (status, answer["type"])
        _must(said == (reason["status"], reason["type"]), f"{offer['action']}: {said} instead of {reason}")

    def _must_have_moved(self, client: FlaskClient, action: str, before: Mapping[str, Any]) -> None:
        after = client.get(self.path)
        if after.status_code == 404:
            self.is_gone = self.machine.move(action).removes
            return
        old, new = (self.machine.states(one[self.machine.column]) for one in (before, msgspec.json.decode(after.data)))
        _must(new in self.machine.move(action).targets(old), f"{action} led from {old!r} to {new!r}")


def _must(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise AssertionError(otherwise)
