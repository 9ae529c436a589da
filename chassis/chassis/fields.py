"""The kinds of field a request may carry: what comes in is checked here, once, for all services.

``Body`` is what a request says, ``View`` is what an answer shows; both are marshmallow schemas, so the
OpenAPI document is read from the very classes that check and show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.problems import Invalid

BIGGEST = 2**63 - 1
MOST_MINOR_UNITS = 10**15
"""Ten trillion in cents: beyond any order, and far inside a 64-bit column."""

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Body(ma.Schema):
    """What a request says: unknown fields are refused, because a typing error must not be lost silently."""

    class Meta:
        unknown = ma.RAISE


class View(ma.Schema):
    """What an answer shows."""


class Text(ma.fields.String):
    """Text of limited length without control characters; surrounding blanks are dropped."""

    def __init__(self, longest: int, *, shortest: int = 0, choices: Sequence[str] = (), **kwargs: Any) -> None:
        checks: list[Any] = [validate.Length(min=shortest or None, max=longest)]
        if choices:
            checks.append(validate.OneOf(choices))
        super().__init__(validate=checks, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if CONTROL.search(text):
            raise ma.ValidationError("Control characters are not allowed.")
        return text.strip()


class Required(Text):
    """Text that must be there and must not be blank."""

    def __init__(self, longest: int, *, choices: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(longest, shortest=1, choices=choices, required=True, **kwargs)


class Number(ma.fields.Integer):
    """A whole number within limits; ``true`` and ``"7"`` are not numbers."""

    def __init__(self, least: int = 0, most: int = BIGGEST, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool | str | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class QueryNumber(ma.fields.Integer):
    """A whole number in a query string, where everything is text."""

    def __init__(self, least: int = 0, most: int = BIGGEST, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)


class Money(ma.fields.Field[int]):
    """An amount as a decimal text (``"505.30"``), kept as whole minor units (50530)."""

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        pattern = r"^-?\d{1,13}(\.\d{1,2})?$" if negative else r"^\d{1,13}(\.\d{1,2})?$"
        kwargs.setdefault("metadata", {})
        kwargs["metadata"] = {"type": "string", "pattern": pattern, "examples": ["505.30"]} | kwargs["metadata"]
        super().__init__(**kwargs)
        self.pattern = re.compile(pattern)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not self.pattern.fullmatch(value.strip()):
            raise ma.ValidationError('Not an amount: write it as text such as "505.30".')
        return minor_units(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else amount_text(value)


class When(ma.fields.AwareDateTime):
    """A moment, ISO 8601 with a zone, between 1900 and 2200; kept in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(min=EARLIEST, max=LATEST), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment: datetime = super()._deserialize(value, attr, data, **kwargs)
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="datetime") from error


class Choice(ma.fields.Integer):
    """One of a few codes."""

    def __init__(self, codes: Iterable[int], **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.OneOf([int(code) for code in codes]), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool | str | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


def erased_field() -> ma.fields.Field[str]:
    """In the views of records that are about somebody."""
    return ma.fields.String(required=True, metadata={"description": "Not empty: erased at the person's wish"})


def minor_units(amount: str | Decimal | float) -> int:
    """Whole minor units (cents) of an amount, rounded half to even. Raises ValueError for text that is none."""
    try:
        units = int((Decimal(str(amount)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount") from error
    if abs(units) > MOST_MINOR_UNITS:
        raise ValueError(f"{amount!r} is beyond what an amount may be")
    return units


def amount_text(units: int) -> str:
    """``-50530`` as ``-505.30``."""
    whole, cents = divmod(abs(units), 100)
    return f"{'-' if units < 0 else ''}{whole}.{cents:02d}"


def pointers(messages: Any, at: str = "") -> list[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of JSON pointers and reasons."""
    if isinstance(messages, dict):
        return [found for name, inner in messages.items() for found in pointers(inner, _step(at, name))]
    if isinstance(messages, list) and any(isinstance(inner, dict | list) for inner in messages):
        return [found for inner in messages for found in pointers(inner, at)]
    texts = messages if isinstance(messages, list) else [messages]
    return [{"pointer": at or "/", "detail": str(text)} for text in texts]


def _step(at: str, name: Any) -> str:
    escaped = str(name).replace("~", "~0").replace("/", "~1")
    return at if escaped == "_schema" else f"{at}/{escaped}"


def checked(schema: ma.Schema, data: Any) -> Mapping[str, Any]:
    """The cleaned data. Raises Invalid, naming each wrong field by its JSON pointer."""
    try:
        cleaned: Mapping[str, Any] = schema.load(data)
        return cleaned
    except ma.ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(errors=pointers(messages)) from error


Dump = Callable[[Any], dict[str, Any]]


def compiled(view: type[View]) -> Dump:
    """A plain function that shows one object: marshmallow's own dump costs five times as much per row."""
    steps = [_step_of(name, field) for name, field in view().fields.items() if not is_filled_in(field)]

    def dump(thing: Any) -> dict[str, Any]:
        return {
            name: show(getattr(thing, attribute)) if show else getattr(thing, attribute)
            for name, attribute, show in steps
        }

    return dump


def is_filled_in(field: ma.fields.Field[Any]) -> bool:
    """Whether the endpoint gives this field's value, because the object does not know it."""
    return getattr(field, "filled_in", False)


def _step_of(name: str, field: ma.fields.Field[Any]) -> tuple[str, str, Callable[[Any], Any] | None]:
    attribute = field.attribute or name
    show: Callable[[Any], Any] | None = None
    if isinstance(field, Money):
        show = _money
    elif isinstance(field, ma.fields.Nested):
        inner = compiled(type(field.schema))  # type: ignore[arg-type]
        show = _each(inner) if field.many else _maybe(inner)
    elif isinstance(field, ma.fields.List) and isinstance(field.inner, ma.fields.Nested):
        show = _each(compiled(type(field.inner.schema)))  # type: ignore[arg-type]
    return field.data_key or name, attribute, show


def _money(units: int | None) -> str | None:
    return None if units is None else amount_text(units)


def _maybe(inner: Dump) -> Callable[[Any], Any]:
    return lambda thing: None if thing is None else inner(thing)


def _each(inner: Dump) -> Callable[[Any], Any]:
    return lambda things: [inner(thing) for thing in things]
