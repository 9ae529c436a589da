"""Sessions over HTTP: what clients call. Signing out and the exchange of tokens are in ``views``."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, View
from chassis.routes import Route
from identity.fields import Password
from identity.right.resources import FolderView
from identity.session import commands, queries
from identity.user.model import AccountDisabled, Locked, WrongCredentials


class Credentials(Body):
    """Name and password."""

    login = Required(50)
    password = Password(shortest=1)
    remember = ma.fields.Boolean(metadata={"description": "Ten days instead of twelve hours"})


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


class MeView(SignedInUser):
    """Who is signed in, what he or she may do, and the menu that this opens."""

    email = ma.fields.String(allow_none=True, required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    role_name = ma.fields.String(required=True)
    scope = ma.fields.String(required=True, metadata={"description": "Whose records: own, subtree or all"})
    rights = ma.fields.List(ma.fields.String(), required=True)
    menu = ma.fields.List(ma.fields.Nested(FolderView), required=True)


routes = [
    Route(method="POST", path="/session", calls=commands.sign_in, takes=Credentials, gives=SessionView, is_open=True,
          is_slow=True, status=201, refuses=(WrongCredentials, AccountDisabled, Locked)),
    Route(method="GET", path="/me", calls=queries.me, gives=MeView, is_personal=True),
]  # fmt: skip
