"""Proving who somebody is, by a password; and noting whoever fails to."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

import sqlalchemy as sa

from chassis.problems import Problem
from chassis.transaction import Transaction, transaction
from identity import passwords
from identity.role.model import Role
from identity.session.model import SignInFailed
from identity.user.life_cycle import WrongCredentials
from identity.user.model import MOST_FAILED_SIGN_INS, User, must_not_be_locked

NAMES = (
    "id login full_name email role password_hash must_change_password expires_at allowed_addresses failed_sign_ins "
    "locked_until"
)
FACTS = (
    *(getattr(User, name) for name in NAMES.split()),
    User.is_active.label("is_active"),
    Role.is_active.label("role_is_active"),
)
UNKNOWN = "unknown-name"


def prove(tx: Transaction, password: str, who: sa.ColumnElement[bool]) -> sa.Row[Any]:
    """The user whose password this is. Raises Locked or WrongCredentials.

    ``tx`` only looks: its connection goes back before the slow part, and a failure is noted in a transaction of its
    own. A name that nobody has takes as long as a wrong password.
    """
    found = tx.row(sa.select(*FACTS).join(Role, Role.code == User.role).where(who))
    tx.session.close()
    try:
        if found:
            must_not_be_locked(found.locked_until, at=tx.now)
    except Problem as problem:
        refuse(tx, found, problem)
    is_right = passwords.matches(found.password_hash if found else "", password)
    if found is None or not is_right:
        _count(tx, found)
    return found


def refuse(tx: Transaction, who: sa.Row[Any] | None, problem: Problem) -> NoReturn:
    """Note the attempt, and raise why it failed."""
    with _noting(tx) as writing:
        writing.note(_failed(tx, who, problem.slug))
    raise problem


def _count(tx: Transaction, who: sa.Row[Any] | None) -> NoReturn:
    """Count a wrong password without a new version of the record: locking is a fact, counting is not."""
    with _noting(tx) as writing:
        writing.note(_failed(tx, who, WrongCredentials.slug if who else UNKNOWN))
        if who and writing.scalar(_one_more(who.id)) >= MOST_FAILED_SIGN_INS:
            writing.publish(writing.get(User, who.id).lock(at=writing.now))
    raise WrongCredentials()


def _one_more(user_id: int) -> sa.Executable:
    failures = User.failed_sign_ins
    return sa.update(User).where(User.id == user_id).values(failed_sign_ins=failures + 1).returning(failures)


def _noting(tx: Transaction) -> Any:
    return transaction(tx.database, tx.service, principal=tx.principal)


def _failed(tx: Transaction, who: sa.Row[Any] | None, reason: str) -> SignInFailed:
    """What somebody typed who has no account is not kept: it may be a password in the wrong field."""
    return SignInFailed(
        attempt_id=uuid.uuid4(),
        user_id=who.id if who else None,
        login=who.login if who else "",
        reason=reason,
        address=tx.caller.address,
        agent=tx.caller.agent,
    )
