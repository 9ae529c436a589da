"""Changing users: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.dialect import one_at_a_time
from chassis.problems import NotFound, wrong_field
from chassis.transaction import Transaction, transaction
from identity.password_rules import must_be_good
from identity.passwords import hash_of, matches
from identity.proof import prove
from identity.session.commands import DELETED, DISABLED, PASSWORD_SET, end_sessions
from identity.user.life_cycle import LIFE_CYCLE
from identity.user.model import PASSWORDS_REMEMBERED, UsedPassword, User, must_leave_yourself_in
from identity.user.queries import leads, references

MOVING = 0x75736572
"""Two people given to each other at once would each be fine and make a circle together."""
KNOWN_ABOUT = ("login", "full_name", "email")
"""What a password must not be made of."""


def register_user(tx: Transaction, fields: Mapping[str, Any]) -> User:
    """Let somebody work here; without a password he or she cannot sign in yet."""
    _must_fit(tx, fields)
    known = {name: value for name, value in fields.items() if name != "password"}
    if "password" in fields:
        must_be_good(fields["password"], _about(fields), "/password")
        known["password_hash"] = hash_of(fields["password"])
        known.setdefault("must_change_password", True)
    user = tx.add(User.begin(known, at=tx.now))
    if user.has_password:
        tx.keep(UsedPassword(user_id=user.id, password_hash=user.password_hash, set_at=tx.now))
    tx.publish(user.registered())
    return user


def edit_user(tx: Transaction, user_id: int, fields: Mapping[str, Any]) -> User:
    """Correct a name; give another role, superior or unit; say until when and from where one may sign in."""
    if fields.get("manager_id") is not None:
        one_at_a_time(tx.session, MOVING)
    user = tx.get(User, user_id)
    if "allowed_addresses" in fields and user_id == tx.principal.user_id:
        must_leave_yourself_in(fields["allowed_addresses"], tx.caller)
    superiors = _must_fit(tx, fields)
    tx.publish(user.edit(fields, by_id=tx.principal.user_id, superiors=superiors))
    return user


def disable_user(tx: Transaction, user_id: int) -> User:
    """Shut somebody out, within seconds."""
    user = tx.get(User, user_id)
    LIFE_CYCLE.must_allow("disable", tx.case(user))
    tx.publish(user.disable())
    end_sessions(tx, user_id, DISABLED)
    return user


def enable_user(tx: Transaction, user_id: int) -> User:
    """Let somebody in again."""
    user = tx.get(User, user_id)
    LIFE_CYCLE.must_allow("enable", tx.case(user))
    tx.publish(user.enable())
    return user


def delete_user(tx: Transaction, user_id: int) -> None:
    """Close the account of somebody who has left; what he or she did stays on record under that name."""
    user = tx.get(User, user_id)
    LIFE_CYCLE.must_allow("delete", tx.case(user, **leads(tx, user)))
    end_sessions(tx, user_id, DELETED)
    tx.execute(sa.delete(UsedPassword).where(UsedPassword.user_id == user_id))
    tx.publish(user.delete())


def unlock_user(tx: Transaction, user_id: int) -> User:
    """Open a lock before its time."""
    user = tx.get(User, user_id)
    tx.publish(user.unlock())
    return user


def set_password(tx: Transaction, user_id: int, password: str, must_change: bool = True) -> User:
    """Give somebody a new password; whoever is signed in with the old one is signed out.

    Unless told otherwise, he or she has to choose another one at the first sign-in.
    """
    user = tx.row(sa.select(User.id, User.password_hash, *_about_columns()).where(User.id == user_id))
    if user is None:
        raise NotFound(detail=f"No user {user_id}")
    return _replace_password(tx, user, password, pointer="/password", must_change=must_change)


def change_own_password(tx: Transaction, old_password: str, new_password: str) -> None:
    """Choose a new password; every session ends, this one too."""
    me = prove(tx, old_password, User.id == tx.principal.user_id)
    _replace_password(tx, me, new_password, pointer="/new_password", must_change=False)


def _replace_password(tx: Transaction, user: sa.Row[Any], password: str, *, pointer: str, must_change: bool) -> User:
    """Check and hash while only looking: both take their time, and nobody should wait for a lock meanwhile."""
    must_be_good(password, _about(user._asdict()), pointer)
    used = [row.password_hash for row in tx.rows(_last_passwords(user.id))]
    tx.session.close()
    if any(matches(kept, password) for kept in {user.password_hash, *used} if kept):
        raise wrong_field(pointer, f"Choose one that is not among the last {PASSWORDS_REMEMBERED}")
    password_hash = hash_of(password)
    with transaction(tx.database, tx.service, principal=tx.principal) as writing:
        changed = writing.get(User, user.id)
        writing.publish(changed.set_password(password_hash, must_change=must_change))
        writing.keep(UsedPassword(user_id=user.id, password_hash=password_hash, set_at=writing.now))
        writing.flush()
        newest = _last_passwords(user.id).with_only_columns(UsedPassword.id)
        old = sa.delete(UsedPassword).where(UsedPassword.user_id == user.id, UsedPassword.id.not_in(newest))
        writing.execute(old)
        end_sessions(writing, user.id, PASSWORD_SET)
    return changed


def _last_passwords(user_id: int) -> sa.Select[Any]:
    mine = sa.select(UsedPassword.password_hash).where(UsedPassword.user_id == user_id)
    return mine.order_by(UsedPassword.id.desc()).limit(PASSWORDS_REMEMBERED)


def _about(known: Mapping[str, Any]) -> list[str | None]:
    return [known.get(name) for name in KNOWN_ABOUT]


def _about_columns() -> list[Any]:
    return [getattr(User, name) for name in KNOWN_ABOUT]


def _must_fit(tx: Transaction, fields: Mapping[str, Any]) -> set[int]:
    """Role, unit and superior exist; the superior and everybody above. Raises Invalid."""
    found = references(tx, fields)
    if "role" in fields and not found.role:
        raise wrong_field("/role", "There is no active role with this code")
    if fields.get("unit_id") is not None and not found.unit:
        raise wrong_field("/unit_id", "There is no such unit")
    if fields.get("manager_id") is not None and fields["manager_id"] not in found.superiors:
        raise wrong_field("/manager_id", "There is no such user")
    return found.superiors
