"""What we know of the people who work here: the names that reports show."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from chassis.events import Heard, PersonalText
from reporting.projection import Projection


class UserRegistered(Heard, type="identity.user.registered"):
    """Somebody works here."""

    user_id: int
    full_name: PersonalText


class UserEdited(Heard, type="identity.user.edited"):
    """What is known of somebody was corrected."""

    user_id: int
    full_name: PersonalText


@dataclasses.dataclass(frozen=True, slots=True)
class PersonFact:
    """One person as last described."""

    user_id: int
    full_name: str = ""
    version: int = 0


def fold(event: UserRegistered | UserEdited, row: PersonFact, at: datetime) -> PersonFact:
    return dataclasses.replace(row, full_name=event.full_name)


PEOPLE = Projection("person_fact", row=PersonFact, heard=[UserRegistered, UserEdited], fold=fold)
person_fact = PEOPLE.table
