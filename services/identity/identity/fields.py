"""The kinds of field that only identity asks for: codes and passwords."""

from __future__ import annotations

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


class Password(ma.fields.String):
    """A secret: any characters, blanks kept; never shown again."""

    def __init__(self, shortest: int = SHORTEST_PASSWORD, *, is_required: bool = True) -> None:
        length = validate.Length(min=shortest, max=LONGEST_PASSWORD)
        super().__init__(required=is_required, load_only=True, validate=length, metadata={"format": "password"})
