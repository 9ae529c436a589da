"""The kinds of field that only identity asks for: codes, networks and passwords."""

from __future__ import annotations

import ipaddress
from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Text

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
"""Length is what makes a password strong (NIST SP 800-63B); the upper limit keeps hashing cheap."""


class Code(Text):
    """A lower-case word that programs know something by, such as ``account-manager``."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(longest, shortest=1, **kwargs)
        self.validators.append(validate.Regexp(r"^[a-z0-9][a-z0-9-]*\Z", error="Use a-z, 0-9 and -."))


class UnitCode(Text):
    """The short name of a unit, such as ``SH-2``: numbers begin with it, imports name it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(20, shortest=1, **kwargs)
        self.validators.append(validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_-]*\Z", error="Use letters, digits, - and _."))


class Network(Text):
    """An address or a range of addresses, such as ``10.0.0.0/8`` or ``2001:db8::/32``; kept in its one spelling."""

    def __init__(self) -> None:
        super().__init__(50, shortest=1)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            raise ma.ValidationError("Not an address, and not a range such as 10.0.0.0/8.") from error


class Password(ma.fields.String):
    """A secret: any characters, blanks kept; never shown again."""

    def __init__(self, shortest: int = SHORTEST_PASSWORD, *, is_required: bool = True) -> None:
        length = validate.Length(min=shortest, max=LONGEST_PASSWORD)
        super().__init__(required=is_required, load_only=True, validate=length, metadata={"format": "password"})
