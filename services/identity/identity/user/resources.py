"""Users over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.routes import Route
from identity.fields import SHORTEST_PASSWORD, Password
from identity.titles import TITLES
from identity.user import bulk, commands, queries
from identity.user.model import Locked, NotYourself, ReportingCircle, User, WrongCredentials


class Email(Text):
    """An address that could be one: whether it works, only a message can tell."""

    def __init__(self) -> None:
        super().__init__(200, allow_none=True)
        self.validators.append(validate.Regexp(r"^[^@\s]+@[^@\s]+\Z", error="Not an e-mail address."))


class UserFields(Body):
    """What an administrator says of a new user."""

    login = Required(50)
    full_name = Required(50)
    role = Required(50)
    email = Email()
    manager_id = Number(1, allow_none=True)
    password = Password(is_required=False)


class UserEdit(Body):
    """Any part of it, to change it."""

    login = Text(50, shortest=1)
    full_name = Text(50, shortest=1)
    role = Text(50, shortest=1)
    email = Email()
    manager_id = Number(1, allow_none=True)


class UserRow(Body):
    """One row of many; without ``manager_login`` the superior stays as he or she is."""

    login = Required(50)
    full_name = Required(50)
    role = Required(50)
    manager_login = Text(50, allow_none=True)


class NewPassword(Body):
    """A password for somebody."""

    password = Password()


class OwnPassword(Body):
    """The password so far, and the one from now on."""

    old_password = Password(shortest=1)
    new_password = Password(shortest=SHORTEST_PASSWORD)


class UserView(View):
    """A user; passwords are never shown."""

    id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(allow_none=True, required=True)
    role = ma.fields.String(required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    is_active = ma.fields.Boolean(required=True)
    has_password = ma.fields.Boolean(required=True)
    locked_until = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


ONE = "/users/<int:user_id>"

USER_IMPORT = Import(
    noun="users",
    kind=User,
    row=UserRow,
    command=bulk.import_users,
    titles=TITLES,
    needs="user:write",
    withdraw=bulk.withdraw_user,
    restore=bulk.restore_user,
)

routes = [
    Route(method="GET", path="/users", lists=queries.USERS, gives=UserView, needs="user:read"),
    Route(method="GET", path=ONE, calls=queries.get_user, gives=UserView, needs="user:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.user_history, gives=History, needs="user:read"),
    Route(method="POST", path="/users", calls=commands.register_user, takes=UserFields, gives=UserView,
          needs="user:write", status=201),
    Route(method="POST", path="/users/bulk", calls=bulk.import_users, takes=bulk_of(UserRow), gives=BulkAnswer,
          needs="user:write", refuses=(RowsRefused,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_user, takes=UserEdit, gives=UserView, needs="user:write",
          needs_version=True, refuses=(NotYourself, ReportingCircle)),
    Route(method="POST", path=ONE + "/disable", calls=commands.disable_user, gives=UserView, needs="user:write",
          refuses=(NotYourself,)),
    Route(method="POST", path=ONE + "/enable", calls=commands.enable_user, gives=UserView, needs="user:write"),
    Route(method="PUT", path=ONE + "/password", calls=commands.set_password, takes=NewPassword, gives=UserView,
          needs="user:write"),
    Route(method="PUT", path="/me/password", calls=commands.change_own_password, takes=OwnPassword, is_personal=True,
          is_slow=True, status=204, refuses=(WrongCredentials, Locked)),
    *routes_of(USER_IMPORT),
]  # fmt: skip
