"""Who may come in first: four demo accounts, or one administrator whose password only a file knows."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import sqlalchemy as sa

from chassis.settings import HalfSet, Settings
from chassis.transaction import Transaction
from identity.passwords import hash_of
from identity.right.model import ADMIN, EXECUTIVE, MANAGER, SUPERVISOR
from identity.user.model import User

log = logging.getLogger(__name__)
DEMO_USERS = (
    ("admin", "Ada Admin", ADMIN, ""),
    ("sue", "Sue Supervisor", SUPERVISOR, ""),
    ("mei", "Mei Manager", MANAGER, "sue"),
    ("eve", "Eve Executive", EXECUTIVE, ""),
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
    if not password:
        raise HalfSet(detail="Demo accounts need the setting demo_password")
    ids = {row.login: row.id for row in tx.rows(sa.select(User.login, User.id))}
    for login, full_name, role, manager in DEMO_USERS:
        if login not in ids:
            fields = {"login": login, "full_name": full_name, "role": role, "manager_id": ids.get(manager)}
            ids[login] = _registered(tx, fields, password)


def _seed_administrator(tx: Transaction, password_file: str) -> None:
    if not password_file:
        log.warning("Nobody can sign in: the setting first_password_file is empty")
        return
    password = secrets.token_urlsafe(16)
    path = Path(password_file)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password + "\n")
    _registered(tx, {"login": "admin", "full_name": "Administrator", "role": ADMIN}, password)


def _registered(tx: Transaction, fields: dict[str, object], password: str) -> int:
    user = tx.add(User.begin(fields))
    tx.publish(user.registered())
    tx.publish(user.set_password(hash_of(password)))
    return user.id
