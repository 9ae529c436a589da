"""Sessions over HTTP: what clients call. Signing out and the exchange of tokens are in ``views``."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, View
from chassis.routes import Route
from identity.fields import Password
from identity.right.resources import FolderView
from identity.session import commands, queries
from identity.session.model import Session
from identity.user.life_cycle import (
    AccountDeleted,
    AccountDisabled,
    AccountExpired,
    AddressNotAllowed,
    Locked,
    WrongCredentials,
)


class Credentials(Body):
    """Name and password."""

    login = Required(50)
    password = Password(shortest=1)
    remember = ma.fields.Boolean(metadata={"description": "Ten days instead of twelve hours"})


class Elsewhere(Body):
    """Which of the sessions end."""

    but_this = ma.fields.Boolean(metadata={"description": "Keep the session that asks"})


class SignedInUser(View):
    """Who signed in."""

    user_id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    role = ma.fields.String(required=True)


class SessionView(View):
    """A new session; the token is shown this once."""

    token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    user = ma.fields.Nested(SignedInUser, required=True)
    must_change_password = ma.fields.Boolean(
        required=True, metadata={"description": "Only the own account is open until PUT /api/me/password"}
    )


class MeView(SignedInUser):
    """Who is signed in, what he or she may do, and the menu that this opens."""

    session_id = ma.fields.Integer(required=True)
    email = ma.fields.String(allow_none=True, required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    unit_id = ma.fields.Integer(allow_none=True, required=True)
    must_change_password = ma.fields.Boolean(required=True)
    expires_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    role_name = ma.fields.String(required=True)
    scope = ma.fields.String(required=True, metadata={"description": "Whose records: own, subtree or all"})
    rights = ma.fields.List(ma.fields.String(), required=True)
    menu = ma.fields.List(ma.fields.Nested(FolderView), required=True)


class OpenSession(View):
    """Where somebody is signed in."""

    id = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    last_used_at = ma.fields.AwareDateTime(required=True, metadata={"description": "To five minutes"})
    expires_at = ma.fields.AwareDateTime(required=True)
    address = ma.fields.String(required=True)
    agent = ma.fields.String(required=True, metadata={"description": "The client program"})
    is_remembered = ma.fields.Boolean(required=True)


MINE, THEIRS = "/me/sessions", "/users/<int:user_id>/sessions"

routes = [
    Route(method="POST", path="/session", calls=commands.sign_in, takes=Credentials, gives=SessionView, is_open=True,
          is_slow=True, status=201,
          refuses=(WrongCredentials, AccountDisabled, AccountExpired, AddressNotAllowed, Locked)),
    Route(method="GET", path="/me", calls=queries.me, gives=MeView, is_personal=True),
    Route(method="GET", path=MINE, lists=queries.MY_SESSIONS, gives=OpenSession, is_personal=True),
    Route(method="DELETE", path=MINE, calls=commands.end_own_sessions, asks=Elsewhere, is_personal=True, status=204),
    Route(method="DELETE", path=MINE + "/<int:session_id>", calls=commands.end_own_session, is_personal=True,
          status=204),
    Route(method="GET", path=THEIRS, lists=queries.SESSIONS, within={"user_id": Session.user_id}, gives=OpenSession,
          needs="user:read"),
    Route(method="DELETE", path=THEIRS, calls=commands.end_sessions_of, needs="user:write", status=204,
          refuses=(AccountDeleted,)),
]  # fmt: skip
