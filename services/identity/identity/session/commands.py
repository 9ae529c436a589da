"""Signing in and out."""

from __future__ import annotations

import contextlib
from typing import Any

import sqlalchemy as sa

from chassis.principal import Principal
from chassis.problems import NotFound, Problem, Unavailable
from chassis.transaction import Transaction, transaction
from identity import passwords
from identity.proof import prove, refuse
from identity.session.model import NOTED_EVERY, Session, fingerprint, new_token
from identity.session.queries import Holder
from identity.user.life_cycle import LIFE_CYCLE
from identity.user.model import User, must_be_welcome

SIGNED_OUT, SIGNED_OUT_EVERYWHERE, BY_ADMINISTRATOR = "signed-out", "signed-out-everywhere", "by-administrator"
PASSWORD_SET, DISABLED, DELETED = "password-set", "disabled", "deleted"


def sign_in(tx: Transaction, login: str, password: str, remember: bool = False) -> dict[str, Any]:
    """Open a session: send the token with each request from now on."""
    user = prove(tx, password, User.login == login)
    try:
        must_be_welcome(user, at=tx.now, caller=tx.caller)
    except Problem as problem:
        refuse(tx, user, problem)
    token = new_token()
    with transaction(tx.database, tx.service, principal=_as_user(user)) as writing:
        _forget_failures(writing, user, password)
        session = Session.begin(token, user.id, caller=tx.caller, remember=remember, at=writing.now)
        writing.add(session)
        writing.publish(session.opened(login=user.login, full_name=user.full_name))
    shown = {"user_id": user.id, "login": user.login, "full_name": user.full_name, "role": user.role}
    answer = {"token": token, "expires_at": session.expires_at, "user": shown}
    return answer | {"must_change_password": user.must_change_password}


def sign_out(tx: Transaction, token: str) -> None:
    """End a session; ending it twice is no mistake."""
    names = sa.select(User.id, User.full_name, User.role).join(Session, Session.user_id == User.id)
    user = tx.row(names.where(Session.token_hash == fingerprint(token)))
    if user:
        tx.principal = _as_user(user)
        _end(tx, SIGNED_OUT, Session.token_hash == fingerprint(token))


def end_own_session(tx: Transaction, session_id: int) -> None:
    """Sign out of one of your sessions, perhaps on another machine."""
    if not _end(tx, SIGNED_OUT, Session.user_id == tx.principal.user_id, Session.id == session_id):
        raise NotFound(detail=f"No session {session_id}")


def end_own_sessions(tx: Transaction, but_this: bool = False) -> None:
    """Sign out everywhere; with ``but_this`` everywhere else."""
    others = [Session.id != tx.principal.session_id] if but_this else []
    _end(tx, SIGNED_OUT_EVERYWHERE, Session.user_id == tx.principal.user_id, *others)


def end_sessions_of(tx: Transaction, user_id: int) -> None:
    """Sign somebody out, everywhere."""
    LIFE_CYCLE.must_allow("sign-out", tx.case(tx.get(User, user_id)))
    end_sessions(tx, user_id, BY_ADMINISTRATOR)


def end_sessions(tx: Transaction, user_id: int, reason: str) -> None:
    _end(tx, reason, Session.user_id == user_id)


def sweep_sessions(tx: Transaction) -> str:
    """Throw away what has expired; when it would, was said when it was opened."""
    gone = tx.execute(sa.delete(Session).where(Session.expires_at < tx.now)).rowcount
    return f"{gone} expired sessions"


def note_use(tx: Transaction, holder: Holder) -> None:
    """Remember that a session is in use: now and then, and never at the price of an answer."""
    if tx.now - holder.last_used_at < NOTED_EVERY:
        return
    with contextlib.suppress(Unavailable), transaction(tx.database, tx.service) as writing:
        mine = sa.update(Session).where(Session.id == holder.principal.session_id)
        writing.execute(mine.values(last_used_at=writing.now))


def _end(tx: Transaction, reason: str, *which: sa.ColumnElement[bool]) -> int:
    """How many ended."""
    sessions = tx.load(Session, sa.select(Session).where(*which))
    for session in sessions:
        tx.publish_removal(session, session.end(reason))
    return len(sessions)


def _as_user(user: Any) -> Principal:
    return Principal(user_id=user.id, name=user.full_name, role=user.role, kind="user", scope="own")


def _forget_failures(tx: Transaction, user: sa.Row[Any], password: str) -> None:
    """The count begins again; a hash made with yesterday's settings is replaced."""
    values: dict[str, Any] = {"failed_sign_ins": 0}
    if passwords.is_outdated(user.password_hash):
        values["password_hash"] = passwords.hash_of(password)
    elif not user.failed_sign_ins:
        return
    tx.execute(sa.update(User).where(User.id == user.id).values(values))
