"""What we know of the people who work here: the names that reports show."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Annotated, Any

from chassis import people
from chassis.events import Heard, PersonalText
from chassis.pages import Condition
from chassis.personal import personal
from reporting.facts.unit import unit_fact
from reporting.projection import Projection


class UserRegistered(Heard, type="identity.user.registered"):
    """Somebody works here."""

    user_id: int
    full_name: PersonalText
    unit_id: int | None = None


class UserEdited(Heard, type="identity.user.edited"):
    """What is known of somebody was corrected."""

    user_id: int
    full_name: PersonalText
    unit_id: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class PersonFact:
    """One person as last described."""

    user_id: int
    full_name: Annotated[str, personal(user="user_id")] = ""
    unit_id: int | None = None
    version: int = 0


def fold(event: UserRegistered | UserEdited, row: PersonFact, at: datetime) -> PersonFact:
    return dataclasses.replace(row, full_name=event.full_name, unit_id=event.unit_id)


PEOPLE = Projection("person_fact", ["unit_id"], row=PersonFact, heard=[UserRegistered, UserEdited], fold=fold)
person_fact = PEOPLE.table


def in_unit(*owners: Any) -> Condition:
    """``?unit_id=3``: what belongs to somebody in this unit, or in one below it."""
    return people.in_unit(*owners, people=person_fact, units=unit_fact)
