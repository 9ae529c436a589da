"""Who may come in first: the demo accounts, or one administrator whose password only a file knows."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import sqlalchemy as sa

from chassis.settings import HalfSet, Settings
from chassis.transaction import Transaction
from identity.passwords import hash_of
from identity.right.model import (
    ADMIN,
    EXECUTIVE,
    JUNIOR_SALES,
    MANAGER,
    MARKETER,
    SENIOR_SALES,
    SERVICE_CLERK,
    SUPERVISOR,
)
from identity.user.model import User

log = logging.getLogger(__name__)
DEMO_USERS = (
    ("admin", "Ada Admin", ADMIN, ""),
    ("sue", "Sue Supervisor", SUPERVISOR, ""),
    ("mei", "Mei Manager", MANAGER, "sue"),
    ("eve", "Eve Executive", EXECUTIVE, ""),
    ("max", "Max Marketer", MARKETER, ""),
    ("sam", "Sam Senior", SENIOR_SALES, "sue"),
    ("jun", "Jun Junior", JUNIOR_SALES, "sam"),
    ("cleo", "Cleo Clerk", SERVICE_CLERK, ""),
)
"""Login, name, role, and the superior's login."""


def seed_users(tx: Transaction, settings: Settings) -> None:
    """The demo accounts that are missing; without demo the first administrator, if nobody is there at all.

    Raises HalfSet when demo mode has no password.
    """
    if settings.extra.get("demo") == "1":
        _seed_demo(tx, settings.extra.get("demo_password", ""))
    elif not tx.scalar(sa.select(sa.func.count()).select_from(User)):
        _seed_administrator(tx, settings.extra.get("first_password_file", ""))


def _seed_demo(tx: Transaction, password: str) -> None:
    """All have one password, so that it is hashed once: nobody should wait for eight hashes at the first start."""
    if not password:
        raise HalfSet(detail="Demo accounts need the setting demo_password")
    ids = {row.login: row.id for row in tx.rows(sa.select(User.login, User.id))}
    missing = [one for one in DEMO_USERS if one[0] not in ids]
    password_hash = hash_of(password) if missing else ""
    for login, full_name, role, manager in missing:
        fields = {"login": login, "full_name": full_name, "role": role, "manager_id": ids.get(manager)}
        ids[login] = _registered(tx, fields | {"password_hash": password_hash})


def _seed_administrator(tx: Transaction, password_file: str) -> None:
    """A password that lies in a file is good for one sign-in."""
    if not password_file:
        log.warning("Nobody can sign in: the setting first_password_file is empty")
        return
    password = secrets.token_urlsafe(16)
    path = Path(password_file)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password + "\n")
    fields = {"login": "admin", "full_name": "Administrator", "role": ADMIN}
    _registered(tx, fields | {"password_hash": hash_of(password), "must_change_password": True})


def _registered(tx: Transaction, fields: dict[str, object]) -> int:
    user = tx.add(User.begin(fields, at=tx.now))
    tx.publish(user.registered())
    return user.id
