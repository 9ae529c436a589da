"""Users over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.actions import Actions
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Number, Required, Text, View, When, erased_field
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.personal import PersonErased
from chassis.routes import Route
from identity.fields import SHORTEST_PASSWORD, Network, Password, UnitCode
from identity.titles import TITLES
from identity.user import bulk, commands, queries
from identity.user.life_cycle import (
    LIFE_CYCLE,
    AccountDeleted,
    Locked,
    NotYourself,
    ReportingCircle,
    StillInCharge,
    StillLeads,
    WrongCredentials,
)
from identity.user.model import User

MOST_NETWORKS = 20


class Email(Text):
    """An address that could be one: whether it works, only a message can tell."""

    def __init__(self) -> None:
        super().__init__(200, allow_none=True)
        self.validators.append(validate.Regexp(r"^[^@\s]+@[^@\s]+\Z", error="Not an e-mail address."))


class Networks(ma.fields.List):  # type: ignore[type-arg]
    """From where an account may be used; none means from everywhere."""

    def __init__(self) -> None:
        super().__init__(Network(), validate=validate.Length(max=MOST_NETWORKS))


class MustChange(ma.fields.Boolean):
    """Whether the password has to be replaced at the next sign-in."""

    def __init__(self) -> None:
        super().__init__(metadata={"description": "Replace it at the next sign-in; true unless said otherwise"})


class UserFields(Body):
    """What an administrator says of a new user."""

    login = Required(50)
    full_name = Required(50)
    role = Required(50)
    email = Email()
    manager_id = Number(1, allow_none=True)
    unit_id = Number(1, allow_none=True)
    expires_at = When(allow_none=True)
    allowed_addresses = Networks()
    password = Password(is_required=False)
    must_change_password = MustChange()


class UserEdit(Body):
    """Any part of it, to change it."""

    login = Text(50, shortest=1)
    full_name = Text(50, shortest=1)
    role = Text(50, shortest=1)
    email = Email()
    manager_id = Number(1, allow_none=True)
    unit_id = Number(1, allow_none=True)
    expires_at = When(allow_none=True)
    allowed_addresses = Networks()


class UserRow(Body):
    """One row of many; without ``manager_login`` or ``unit_code`` superior and unit stay as they are."""

    login = Required(50)
    full_name = Required(50)
    role = Required(50)
    manager_login = Text(50, allow_none=True)
    unit_code = UnitCode(allow_none=True)


class NewPassword(Body):
    """A password for somebody."""

    password = Password()
    must_change = MustChange()


class OwnPassword(Body):
    """The password so far, and the one from now on."""

    old_password = Password(shortest=1)
    new_password = Password(shortest=SHORTEST_PASSWORD)


class ListedUser(View):
    """A user in a list; passwords are never shown."""

    id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)
    email = ma.fields.String(allow_none=True, required=True)
    role = ma.fields.String(required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    unit_id = ma.fields.Integer(allow_none=True, required=True)
    status = ma.fields.Integer(required=True, metadata={"description": "1 normal, 0 disabled, 2 deleted"})
    is_active = ma.fields.Boolean(required=True)
    registered_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    has_password = ma.fields.Boolean(required=True)
    must_change_password = ma.fields.Boolean(required=True)
    expires_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    allowed_addresses = ma.fields.List(ma.fields.String(), required=True)
    locked_until = ma.fields.AwareDateTime(allow_none=True, required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class UserView(ListedUser):
    """A user in full."""

    actions = Actions(LIFE_CYCLE, facts=queries.leads)


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
    Route(method="GET", path="/users", lists=queries.USERS, gives=ListedUser, needs="user:read"),
    Route(method="GET", path=ONE, calls=queries.get_user, gives=UserView, needs="user:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.user_history, gives=History, needs="user:read"),
    Route(method="POST", path="/users", calls=commands.register_user, takes=UserFields, gives=UserView,
          needs="user:write", status=201,
          most_statements=7),  # role, unit and superiors; the password is kept; what may be done next
    Route(method="POST", path="/users/bulk", calls=bulk.import_users, takes=bulk_of(UserRow), gives=BulkAnswer,
          needs="user:write", refuses=(RowsRefused,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_user, takes=UserEdit, gives=UserView, needs="user:write",
          needs_version=True, refuses=(NotYourself, ReportingCircle, AccountDeleted, PersonErased),
          most_statements=7),  # role, unit and superiors; who reports to him or her, for what may be done next
    Route(method="DELETE", path=ONE, calls=commands.delete_user, needs="user:write", status=204, needs_version=True,
          refuses=(NotYourself, StillLeads, StillInCharge, AccountDeleted),
          most_statements=9),  # who reports to him or her; sessions and old passwords end, too
    Route(method="POST", path=ONE + "/disable", calls=commands.disable_user, gives=UserView, needs="user:write",
          refuses=(NotYourself, AccountDeleted),
          most_statements=8),  # sessions end, too; who reports to him or her, for what may be done next
    Route(method="POST", path=ONE + "/enable", calls=commands.enable_user, gives=UserView, needs="user:write",
          refuses=(AccountDeleted, PersonErased)),
    Route(method="POST", path=ONE + "/unlock", calls=commands.unlock_user, gives=UserView, needs="user:write",
          refuses=(AccountDeleted,)),
    Route(method="PUT", path=ONE + "/password", calls=commands.set_password, takes=NewPassword, gives=UserView,
          needs="user:write", is_slow=True, refuses=(AccountDeleted, PersonErased),
          most_statements=12),  # what was used before is looked at first; then it is kept, and sessions end
    Route(method="PUT", path="/me/password", calls=commands.change_own_password, takes=OwnPassword, is_personal=True,
          is_slow=True, status=204, refuses=(WrongCredentials, Locked),
          most_statements=12),  # the same
    *routes_of(USER_IMPORT),
]  # fmt: skip
