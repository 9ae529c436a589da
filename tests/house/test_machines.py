"""Every state machine is sound, guarded by rights that exist, and reached by calls that ask for them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import DeclarativeBase

from chassis.testing.machines import faults
from guanxi import registry
from identity.right.model import operations

SERVICES = registry.load_all()
MACHINES = {machine.noun: (name, machine) for name, service in SERVICES.items() for machine in service.machines}


@pytest.mark.parametrize("noun", MACHINES)
def test_a_machine_has_no_unreachable_state_no_dead_end_and_no_way_out_of_an_end(noun: str) -> None:
    assert faults(MACHINES[noun][1]) == []


@pytest.mark.parametrize("noun", MACHINES)
def test_every_move_of_people_has_a_right_and_a_call_that_asks_for_it(noun: str) -> None:
    name, machine = MACHINES[noun]
    asked = {route.needs for route in SERVICES[name].routes if not route.is_read}
    needed = {move.needs for move in machine.moves if not move.by_itself}

    assert needed - operations() == set()
    assert needed - asked == set()


@pytest.mark.parametrize("name", SERVICES)
def test_every_mapped_machine_stands_on_the_page_of_its_service(name: str) -> None:
    service = SERVICES[name]
    bases = [base for base in DeclarativeBase.__subclasses__() if base.metadata is service.metadata]
    mapped = [mapper.class_ for base in bases for mapper in base.registry.mappers]

    forgotten = [cls.__name__ for cls in mapped if getattr(cls, "machine", None) not in (None, *service.machines)]

    assert forgotten == []
