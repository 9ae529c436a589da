"""Changing users: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.problems import wrong_field
from chassis.transaction import Transaction, transaction
from identity import passwords
from identity.passwords import hash_of
from identity.role.queries import active_roles
from identity.session.model import Session
from identity.user.model import MOST_FAILED_SIGN_INS, User, WrongCredentials
from identity.user.queries import superiors


def register_user(tx: Transaction, fields: Mapping[str, Any]) -> User:
    """Let somebody work here; without a password he or she cannot sign in yet."""
    known = {name: value for name, value in fields.items() if name != "password"}
    _must_be_role(tx, known)
    _must_be_manager(tx, known)
    user = tx.add(User.begin(known))
    tx.publish(user.registered())
    if "password" in fields:
        tx.publish(user.set_password(hash_of(fields["password"])))
    return user


def edit_user(tx: Transaction, user_id: int, fields: Mapping[str, Any]) -> User:
    """Correct a name, give another role or another superior."""
    user = tx.get(User, user_id)
    _must_be_role(tx, fields)
    above = _must_be_manager(tx, fields)
    tx.publish(user.edit(fields, by_id=tx.principal.user_id, superiors=above))
    return user


def disable_user(tx: Transaction, user_id: int) -> User:
    """Shut somebody out, within seconds."""
    user = tx.get(User, user_id)
    tx.publish(user.disable(by_id=tx.principal.user_id))
    _sign_out(tx, user_id)
    return user


def enable_user(tx: Transaction, user_id: int) -> User:
    """Let somebody in again."""
    user = tx.get(User, user_id)
    tx.publish(user.enable())
    return user


def set_password(tx: Transaction, user_id: int, password: str) -> User:
    """Give somebody a new password; whoever is signed in with the old one is signed out."""
    user = tx.get(User, user_id)
    tx.publish(user.set_password(hash_of(password)))
    _sign_out(tx, user_id)
    return user


def change_own_password(tx: Transaction, old_password: str, new_password: str) -> None:
    """Choose a new password; every session ends, this one too."""
    me = prove(tx, old_password, User.id == tx.principal.user_id)
    new_hash = hash_of(new_password)
    with transaction(tx.database, tx.service, principal=tx.principal) as writing:
        user = writing.get(User, me.id)
        writing.publish(user.set_password(new_hash))
        _sign_out(writing, user.id)


FACTS = tuple(
    getattr(User, name)
    for name in ("id", "login", "full_name", "role", "is_active", "password_hash", "failed_sign_ins", "locked_until")
)


def prove(tx: Transaction, password: str, who: sa.ColumnElement[bool]) -> sa.Row[Any]:
    """The user whose password this is. Raises Locked or WrongCredentials.

    ``tx`` only looks: its connection goes back before the slow part, and a failure is noted in a transaction of its
    own. A name that nobody has takes as long as a wrong password.
    """
    found = tx.row(sa.select(*FACTS).where(who))
    tx.session.close()
    if found:
        User.must_not_be_locked(found.locked_until, at=tx.now)
    is_right = passwords.matches(found.password_hash if found else "", password)
    if found is None:
        raise WrongCredentials()
    if not is_right:
        _note_failure(tx, found.id)
        raise WrongCredentials()
    return found


def _note_failure(tx: Transaction, user_id: int) -> None:
    """Count it without a new version of the record: locking is a fact, counting is not."""
    failures = User.failed_sign_ins
    counted = sa.update(User).where(User.id == user_id).values(failed_sign_ins=failures + 1).returning(failures)
    with transaction(tx.database, tx.service, principal=tx.principal) as writing:
        if writing.scalar(counted) >= MOST_FAILED_SIGN_INS:
            user = writing.get(User, user_id)
            writing.publish(user.lock(at=writing.now))


def _sign_out(tx: Transaction, user_id: int) -> None:
    tx.execute(sa.delete(Session).where(Session.user_id == user_id))


def _must_be_role(tx: Transaction, fields: Mapping[str, Any]) -> None:
    if "role" in fields and not active_roles(tx, [fields["role"]]):
        raise wrong_field("/role", "There is no active role with this code")


def _must_be_manager(tx: Transaction, fields: Mapping[str, Any]) -> set[int]:
    """The new manager and everybody above; empty when there is no new one."""
    manager_id = fields.get("manager_id")
    above = superiors(tx, manager_id)
    if manager_id is not None and manager_id not in above:
        raise wrong_field("/manager_id", "There is no such user")
    return above
