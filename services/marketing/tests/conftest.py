"""Marketing on stage."""

from chassis.testing.fixtures import stage_fixture
from marketing.service import service

stage = stage_fixture(service)
