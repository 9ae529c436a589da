"""What identity offers to hand over is what the services have in charge, and each of them takes part."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from chassis.handing_over import HandOver, hand_over_task
from chassis.transaction import Aggregate
from customer.charges import HAND_OVER as CUSTOMER
from guanxi import registry
from identity.hand_over.model import KINDS
from marketing.charges import HAND_OVER as MARKETING
from service_desk.charges import HAND_OVER as SERVICE_DESK

PARTS: list[HandOver] = [MARKETING, CUSTOMER, SERVICE_DESK]
WHOSE = {"owner_id", "assignee_id", "manager_id"}
NOT_HANDED_OVER = {"Forecast": "what somebody expected of a month stays said"}
"""Records of people that stay, with the reason."""


def test_identity_and_the_services_agree_on_every_kind() -> None:
    assert {part.service: set(part.kinds) for part in PARTS} == {name: set(kinds) for name, kinds in KINDS.items()}


def test_whoever_has_something_in_charge_takes_part() -> None:
    for name, service in registry.load_all().items():
        heard = {kind.event_type for kind in service.hears}
        takes_part = {"crm.identity.hand-over.requested", "crm.identity.hand-over.begun"} <= heard
        assert takes_part == (hand_over_task.name in service.metadata.tables) == (name in KINDS), name


def test_whatever_somebody_can_have_in_charge_is_handed_over_or_stays_for_a_reason() -> None:
    given = {charge.of.__name__ for part in PARTS for charge in part.charges}
    owned = set()
    for name in KINDS:
        metadata = registry.load(name).metadata
        bases = [base for base in DeclarativeBase.__subclasses__() if base.metadata is metadata]
        mapped = [mapper.class_ for base in bases for mapper in base.registry.mappers]
        kinds = [kind for kind in mapped if issubclass(kind, Aggregate)]
        owned |= {kind.__name__ for kind in kinds if WHOSE & set(kind.__table__.columns.keys())}

    assert owned - given == set(NOT_HANDED_OVER)
    assert given <= owned


def test_what_somebody_has_in_charge_is_found_by_an_index() -> None:
    for part in PARTS:
        for charge in part.charges:
            indexes = [next(iter(index.columns)).name for index in charge.of.__table__.indexes]
            assert charge.whose.key in indexes, f"{part.service}: {charge.kind}"
