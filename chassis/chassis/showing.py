"""A list as answers show it: the fields asked for, by the names that answers use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.fields import View, compiled
from chassis.pages import Listing, Page
from chassis.problems import wrong_field
from chassis.transaction import Transaction

Show = Callable[[Any], dict[str, Any]]


class Shown:
    """A listing and the view of its rows; ``within`` ties values of the path to columns."""

    def __init__(self, listing: Listing, view: type[View], within: Mapping[str, Any]) -> None:
        self.listing, self.within = listing, within
        self.dump = compiled(view)
        self.attributes = {name: field.attribute or name for name, field in view().fields.items()}

    def page(self, tx: Transaction, data: Mapping[str, Any], within: Sequence[Any]) -> tuple[Page, list[Any]]:
        """A page, and its rows as they are shown. Raises Invalid for a field that there is not."""
        names = self.names(data.get("fields", ""))
        read = {"fields": ",".join(self.attributes[name] for name in names)} if names else {}
        page = self.listing.page(tx, {**data, **read}, *within)
        show = _Partial(self.dump, names) if names else self.dump
        return page, [show(row) for row in page.items]

    def conditions(self, path: Mapping[str, Any]) -> list[Any]:
        """What the path says of the rows."""
        return [column == path[name] for name, column in self.within.items()]

    def names(self, asked: str) -> list[str]:
        """The fields asked for. Raises Invalid."""
        names = [name for name in asked.split(",") if name]
        for name in names:
            if name not in self.attributes:
                raise wrong_field("/fields", f"There is no field {name!r}")
        return names


class _Partial:
    """Shows some fields of a row of which only these were read; the others show as null and are dropped."""

    def __init__(self, dump: Show, names: Sequence[str]) -> None:
        self.dump, self.names = dump, names

    def __call__(self, row: Any) -> dict[str, Any]:
        whole = self.dump(_Blank(row._mapping))
        return {name: whole[name] for name in self.names}


class _Blank:
    def __init__(self, known: Mapping[str, Any]) -> None:
        self.known = known

    def __getattr__(self, name: str) -> Any:
        return self.known.get(name)
