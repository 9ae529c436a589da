"""Identity: who works here, what they may do, and who is signed in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk
from chassis.jobs import Job
from chassis.manifest import Service
from identity.base import Base
from identity.dictionary import model as dictionary
from identity.dictionary.resources import routes as dictionary_routes
from identity.dictionary.seeds import seed_dictionary
from identity.numbering import model as numbering
from identity.numbering.resources import routes as numbering_routes
from identity.numbering.seeds import seed_numbering
from identity.right.resources import routes as right_routes
from identity.role import model as role
from identity.role.resources import routes as role_routes
from identity.role.seeds import seed_roles
from identity.session.commands import sweep_sessions
from identity.session.resources import routes as session_routes
from identity.session.views import add_views
from identity.user import model as user
from identity.user.resources import routes as user_routes
from identity.user.seeds import seed_users

service = Service(
    name="identity",
    title="Guanxi identity",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *session_routes,
        *user_routes,
        *role_routes,
        *right_routes,
        *dictionary_routes,
        *numbering_routes,
        *bus_desk.routes_of("identity", hears=False),
    ],
    says=[
        user.UserRegistered,
        user.UserEdited,
        user.UserDisabled,
        user.UserEnabled,
        user.UserPasswordSet,
        user.UserLocked,
        role.RoleCreated,
        role.RoleEdited,
        role.RoleRightsChanged,
        role.RoleDisabled,
        role.RoleEnabled,
        dictionary.ItemAdded,
        dictionary.ItemEdited,
        dictionary.ItemRemoved,
        numbering.PatternSet,
    ],
    jobs=[Job("sweep sessions", sweep_sessions, timedelta(hours=1))],
    seeds=[seed_roles, seed_dictionary, seed_numbering, seed_users],
    add_views=add_views,
)
