"""Roles over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.actions import Actions
from chassis.fields import Body, Required, Text, View
from chassis.history import History
from chassis.routes import Route
from identity.fields import Code
from identity.role import commands, queries
from identity.role.model import (
    DATA_SCOPES,
    LIFE_CYCLE,
    AdministratorsStay,
    RoleGone,
    RoleInUse,
    RoleProtected,
)

MOST_RIGHTS = 500


class RoleFields(Body):
    """What a person says of a new role."""

    code = Code(50, required=True)
    name = Required(50)
    description = Text(200)
    data_scope = Text(10, choices=DATA_SCOPES)


class RoleEdit(Body):
    """Any part of it, to change it."""

    name = Text(50, shortest=1)
    description = Text(200)
    data_scope = Text(10, choices=DATA_SCOPES)


class Rights(Body):
    """All operations that a role is to have."""

    rights = ma.fields.List(Text(50), required=True, validate=validate.Length(max=MOST_RIGHTS))


class RoleRow(View):
    """A role in a list."""

    id = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    data_scope = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True, metadata={"description": "1 usable, 0 disabled, 2 deleted"})
    is_active = ma.fields.Boolean(required=True)
    is_built_in = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


class RoleView(RoleRow):
    """A role with its rights."""

    rights = ma.fields.List(ma.fields.String(), required=True)
    actions = Actions(LIFE_CYCLE, facts=queries.holders)


ONE = "/roles/<int:role_id>"

routes = [
    Route(method="GET", path="/roles", lists=queries.ROLES, gives=RoleRow, needs="role:read"),
    Route(method="GET", path=ONE, calls=queries.get_role, gives=RoleView, needs="role:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.role_history, gives=History, needs="role:read"),
    Route(method="POST", path="/roles", calls=commands.create_role, takes=RoleFields, gives=RoleView,
          needs="role:write", status=201),
    Route(method="PATCH", path=ONE, calls=commands.edit_role, takes=RoleEdit, gives=RoleView, needs="role:write",
          needs_version=True, refuses=(RoleGone,),
          most_statements=7),  # its rights, and who holds it: what may be done next depends on that
    Route(method="DELETE", path=ONE, calls=commands.delete_role, needs="role:write", status=204, needs_version=True,
          refuses=(RoleInUse, RoleProtected, RoleGone),
          most_statements=8),  # its holders, and its rights: read and taken
    Route(method="PUT", path=ONE + "/rights", calls=commands.change_rights, takes=Rights, gives=RoleView,
          needs="role:write", needs_version=True, refuses=(AdministratorsStay, RoleGone),
          most_statements=10),  # its rights: read, compared with those there are, given, taken; its holders
    Route(method="POST", path=ONE + "/disable", calls=commands.disable_role, gives=RoleView, needs="role:write",
          refuses=(AdministratorsStay, RoleGone),
          most_statements=7),  # the same
    Route(method="POST", path=ONE + "/enable", calls=commands.enable_role, gives=RoleView, needs="role:write",
          refuses=(RoleGone,), most_statements=7),  # the same
]  # fmt: skip
