"""Alembic asks here; the chassis answers for every service alike."""

from alembic import context

from chassis.migrations import run_environment

run_environment(context)
