"""What identity offers to hand over is what the services have in charge, and each of them takes part."""

from __future__ import annotations

from chassis.handing_over import HandOver, hand_over_task
from customer.charges import HAND_OVER as CUSTOMER
from guanxi import registry
from identity.hand_over.model import KINDS
from marketing.charges import HAND_OVER as MARKETING
from service_desk.charges import HAND_OVER as SERVICE_DESK

PARTS: list[HandOver] = [MARKETING, CUSTOMER, SERVICE_DESK]


def test_identity_and_the_services_agree_on_every_kind() -> None:
    assert {part.service: set(part.kinds) for part in PARTS} == {name: set(kinds) for name, kinds in KINDS.items()}


def test_whoever_has_something_in_charge_takes_part() -> None:
    for name, service in registry.load_all().items():
        heard = {kind.event_type for kind in service.hears}
        takes_part = {"crm.identity.hand-over.requested", "crm.identity.hand-over.begun"} <= heard
        assert takes_part == (hand_over_task.name in service.metadata.tables) == (name in KINDS), name
