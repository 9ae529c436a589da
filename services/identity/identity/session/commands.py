"""Signing in and out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.transaction import Transaction, transaction
from identity import passwords
from identity.role.model import Role
from identity.session.model import Session, fingerprint, new_token
from identity.user.commands import prove
from identity.user.model import AccountDisabled, User


def sign_in(tx: Transaction, login: str, password: str, remember: bool = False) -> dict[str, Any]:
    """Open a session: send the token with each request from now on."""
    user = prove(tx, password, User.login == login)
    token = new_token()
    with transaction(tx.database, tx.service, principal=tx.principal) as writing:
        _must_be_active(writing, user)
        _forget_failures(writing, user, password)
        session = Session.begin(token, user.id, remember=remember, at=writing.now)
        writing.keep(session)
    shown = {"user_id": user.id, "login": user.login, "full_name": user.full_name, "role": user.role}
    return {"token": token, "expires_at": session.expires_at, "user": shown}


def sign_out(tx: Transaction, token: str) -> None:
    """End a session; ending it twice is no mistake."""
    tx.execute(sa.delete(Session).where(Session.token_hash == fingerprint(token)))


def sweep_sessions(tx: Transaction) -> str:
    """Throw away what has expired."""
    gone = tx.execute(sa.delete(Session).where(Session.expires_at < tx.now)).rowcount
    return f"{gone} expired sessions"


def _must_be_active(tx: Transaction, user: sa.Row[Any]) -> None:
    role_is_active = tx.scalar(sa.select(Role.is_active).where(Role.code == user.role))
    if not (user.is_active and role_is_active):
        raise AccountDisabled()


def _forget_failures(tx: Transaction, user: sa.Row[Any], password: str) -> None:
    """The count begins again; a hash made with yesterday's settings is replaced."""
    values: dict[str, Any] = {"failed_sign_ins": 0}
    if passwords.is_outdated(user.password_hash):
        values["password_hash"] = passwords.hash_of(password)
    elif not user.failed_sign_ins:
        return
    tx.execute(sa.update(User).where(User.id == user.id).values(values))
