"""Reporting on stage."""

from chassis.testing.fixtures import stage_fixture
from reporting.service import service

stage = stage_fixture(service)
