"""A route at work, once it is known who asks and what is said: the command, and its result as answers show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.actions import actions_of
from chassis.downloads import Download
from chassis.events import encode
from chassis.fields import Dump, checked
from chassis.idempotency import Answer
from chassis.routes import Route, arguments
from chassis.showing import Shown
from chassis.transaction import Transaction


class Answering:
    """One route without its wire; ``address`` is where it was asked."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.inputs = route.inputs() if route.inputs else None
        self.dump: Dump | None = route.dump()
        self.actions = actions_of(route.gives)
        self.shown = Shown(route.lists, route.gives, route.within) if route.lists and route.gives else None

    def checked(self, said: Any) -> Mapping[str, Any]:
        """What is said, cleaned. Raises Invalid."""
        return {} if self.inputs is None else checked(self.inputs, said)

    def answer(
        self, tx: Transaction, path: Mapping[str, Any], data: Mapping[str, Any], address: str
    ) -> Answer | Download:
        if self.route.lists:
            return self._list(tx, path, data)
        assert self.route.calls is not None  # noqa: S101  (checked when the row was made)
        result = self.route.calls(tx, **arguments(self.route, path, data))
        if isinstance(result, Download):
            return result
        if result is None or self.route.status == 204:
            return Answer(204, {}, b"")
        headers = {}
        if isinstance(version := getattr(result, "version", None), int):
            headers["ETag"] = f'"{version}"'
        if self.route.status == 201 and hasattr(result, "aggregate_id"):
            headers["Location"] = f"/api{address}/{result.aggregate_id()}"
        return Answer(self.route.status, headers, self._shown(tx, result))

    def _shown(self, tx: Transaction, result: Any) -> bytes:
        """Bytes and mappings are shown as they are; anything else through the route's view."""
        if isinstance(result, bytes):
            return result
        if self.dump is None or isinstance(result, Mapping):
            return encode(result)
        shown = self.dump(result)
        return encode(shown | {"actions": self.actions.of(tx, result)} if self.actions else shown)

    def _list(self, tx: Transaction, path: Mapping[str, Any], data: Mapping[str, Any]) -> Answer:
        assert self.shown is not None  # noqa: S101  (only lists come here)
        page, items = self.shown.page(tx, data, self.shown.conditions(path))
        body = {"items": items, "page": page.page, "size": page.size, "total": page.total}
        return Answer(200, {}, encode(body | {"next_cursor": page.next_cursor}))
