"""The service desk on stage."""

from chassis.testing.fixtures import stage_fixture
from service_desk.service import service

stage = stage_fixture(service)
