"""Events said and heard: frozen, typed, and carried in a CloudEvents envelope.

``Event`` is what a service promises to others; ``Heard`` is the part of somebody's event that a
listener reads. Both are dataclasses; msgspec turns them into JSON, back, and into JSON Schema.
"""

from __future__ import annotations

import dataclasses
import os
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar, dataclass_transform, get_args, get_type_hints

import msgspec

from chassis.problems import TooLarge

T = TypeVar("T")

PREFIX = "crm."
MAX_ENVELOPE_BYTES = 256 * 1024
"""Larger facts travel by reference: a queue is no place for files (bus.md, rule 2 for writers)."""

PersonalText = Annotated[str, msgspec.Meta(extra_json_schema={"x-personal": True})]
"""Marks what a listener reads of a person. Whose it is, the event itself says: ``chassis.personal``."""


ONE_LIFE = 1 << 40
"""More versions than an aggregate ever has; see ``Envelope.ordinal``."""


def event_id() -> uuid.UUID:
    """A UUIDv7: sortable by time for people; nothing in the bus relies on that order."""
    stamp = int(time.time() * 1000).to_bytes(6, "big")
    noise = bytearray(os.urandom(10))
    noise[0] = 0x70 | noise[0] & 0x0F
    noise[2] = 0x80 | noise[2] & 0x3F
    return uuid.UUID(bytes=stamp + bytes(noise))


@dataclasses.dataclass(frozen=True)
class Change:
    """The value of one field before and after."""

    old: Any
    new: Any


class _Named:
    """What events said and heard have in common: a type, an aggregate and a major version."""

    event_type: ClassVar[str]
    aggregate_type: ClassVar[str]
    key_field: ClassVar[str]
    schema_major: ClassVar[int]

    @classmethod
    def _declare(cls, type: str, key: str) -> None:
        """Read ``marketing.opportunity.won`` or ``marketing.opportunity.won.v2``."""
        match = re.fullmatch(r"[a-z-]+\.([a-z-]+)\.[a-z-]+(?:\.v(\d+))?", type)
        if not match:
            raise TypeError(f"{cls.__name__}: {type!r} is not <service>.<aggregate>.<fact>")
        cls.event_type = PREFIX + type
        cls.aggregate_type = match[1]
        cls.schema_major = int(match[2] or 1)
        cls.key_field = key or f"{match[1].replace('-', '_')}_id"


@dataclass_transform(kw_only_default=True, frozen_default=True)
@dataclasses.dataclass(frozen=True, kw_only=True)
class Event(_Named):
    """Something that happened, said to whoever listens."""

    changes: dict[str, Change] = dataclasses.field(default_factory=dict)

    def __init_subclass__(cls, *, type: str, key: str = "") -> None:
        cls._declare(type, key)
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)

    def aggregate_id(self) -> str:
        """The id of the aggregate this is about, as text."""
        return str(getattr(self, self.key_field))

    def with_changes(self, changes: dict[str, Change]) -> Self:
        """The same event with the old and new values that the unit of work noticed."""
        return dataclasses.replace(self, changes=changes)


@dataclass_transform(kw_only_default=True, frozen_default=True)
@dataclasses.dataclass(frozen=True, kw_only=True)
class Heard(_Named):
    """The fields of another service's event that a listener reads; others are ignored."""

    def __init_subclass__(cls, *, type: str, key: str = "") -> None:
        cls._declare(type, key)
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)


class Envelope(msgspec.Struct, kw_only=True, omit_defaults=True, dict=True):
    """CloudEvents 1.0, structured mode, with the sequence, correlation, tracing and auth extensions.

    ``sequence`` and ``logepoch`` are added when the event leaves the log: they are not known before. ``erased`` names
    the subjects of whom something was blanked in it.
    """

    specversion: str = "1.0"
    id: str
    type: str
    source: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    dataschema: str = ""
    partitionkey: str
    aggregateversion: int
    recordedtime: datetime
    correlationid: str
    causationid: str = ""
    traceparent: str = ""
    authtype: str = "system"
    authid: str = ""
    authname: str = ""
    sequence: str = ""
    logepoch: int = 1
    erased: tuple[str, ...] = ()
    data: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def aggregate(self) -> str:
        return self.subject.partition("/")[0]

    @property
    def aggregate_id(self) -> str:
        return self.subject.partition("/")[2]

    @property
    def service(self) -> str:
        return self.source.rpartition("/")[2]

    @property
    def major(self) -> int:
        return major_of(self.type)

    @property
    def position(self) -> int | None:
        return int(self.sequence) if self.sequence else None

    @property
    def ordinal(self) -> int:
        """Rises with each event of the aggregate, also when its source came back from a backup and counts anew."""
        return (self.logepoch - 1) * ONE_LIFE + self.aggregateversion

    @property
    def raw(self) -> bytes:
        """The very bytes it was opened from, for whoever keeps it."""
        found: bytes = self.__dict__["raw"]
        return found


def major_of(event_type: str) -> int:
    """``crm.marketing.opportunity.won.v2`` is of major version 2; without a number it is the first."""
    match = re.search(r"\.v(\d+)$", event_type)
    return int(match[1]) if match else 1


_encoder = msgspec.json.Encoder(decimal_format="string")
_envelope_decoder = msgspec.json.Decoder(Envelope)


def encode(value: Any) -> bytes:
    """JSON bytes of dataclasses, dates (ISO 8601, UTC as Z), decimals (text) and plain values."""
    return _encoder.encode(value)


def seal_envelope(envelope: Envelope) -> bytes:
    """The bytes that are stored, and change only when a person is erased.

    Raises TooLarge when the event is no longer an event but a file.
    """
    raw = encode(envelope)
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise TooLarge(detail=f"An event of {len(raw)} bytes", limit_bytes=MAX_ENVELOPE_BYTES)
    return raw


def on_the_wire(stored: bytes, position: int, epoch: int) -> bytes:
    """The stored bytes plus the place in the log; spliced, so that replay gives identical bytes."""
    return b'{"sequence":"%020d","logepoch":%d,' % (position, epoch) + stored[1:]


def open_envelope(raw: bytes) -> Envelope:
    """Raises msgspec.MsgspecError when the bytes are not one of our envelopes."""
    envelope = _envelope_decoder.decode(raw)
    envelope.__dict__["raw"] = raw
    return envelope


def data_of(envelope: Envelope, heard: type[T]) -> T:
    """The part of the event that this listener reads. Raises msgspec.ValidationError."""
    return msgspec.json.decode(envelope.data, type=heard, strict=False)


def schema_of(event: type[_Named]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event's data: the promise that is committed in contracts/."""
    (root,), parts = msgspec.json.schema_components([event], ref_template="#/$defs/{name}")
    document = parts.pop(root["$ref"].rsplit("/", 1)[1]) if "$ref" in root else root
    _name_moments(event, document["properties"])
    document["title"] = event.__name__
    document["description"] = (event.__doc__ or "").strip().splitlines()[0]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/contracts/{contract_name(event)}",
        "x-type": event.event_type,
        "x-key": event.key_field,
    }
    return head | document | ({"$defs": parts} if parts else {})


def _name_moments(event: type[_Named], properties: dict[str, Any]) -> None:
    """Say which texts are moments: msgspec only says so of a datetime that demands a zone."""
    for name, hint in get_type_hints(event).items():
        if name in properties and datetime in (hint, *get_args(hint)):
            for part in properties[name].get("anyOf", [properties[name]]):
                if part["type"] == "string":
                    part["format"] = "date-time"


def contract_name(event: type[_Named]) -> str:
    """``marketing/opportunity.won.v1.json`` for ``crm.marketing.opportunity.won``."""
    service, rest = event.event_type.removeprefix(PREFIX).split(".", 1)
    return f"{service}/{re.sub(r'[.]v[0-9]+$', '', rest)}.v{event.schema_major}.json"


def field_names(event: type[Any]) -> set[str]:
    """The names of the data fields, inherited ones included."""
    return set(get_type_hints(event)) - set(get_type_hints(_Named))


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a moment without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
