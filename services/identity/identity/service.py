"""Identity: who works here and where, what they may do, who is signed in, and what people are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk, flow_desk
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.jobs import Job
from chassis.manifest import Service
from identity.base import Base
from identity.dictionary import model as dictionary
from identity.dictionary.resources import routes as dictionary_routes
from identity.dictionary.seeds import seed_dictionary
from identity.erasure import model as erasure
from identity.erasure.resources import routes as erasure_routes
from identity.flows import ERASURE, HAND_OVER
from identity.flows import REACTIONS as FLOW_REACTIONS
from identity.hand_over import model as hand_over
from identity.hand_over.life_cycle import LIFE_CYCLE as HAND_OVER_LIFE
from identity.hand_over.resources import routes as hand_over_routes
from identity.notification.commands import sweep_notifications
from identity.notification.resources import routes as notification_routes
from identity.numbering import model as numbering
from identity.numbering.resources import routes as numbering_routes
from identity.numbering.seeds import seed_numbering
from identity.reactions import REACTIONS
from identity.right import model as right
from identity.right.resources import routes as right_routes
from identity.role import model as role
from identity.role.resources import routes as role_routes
from identity.role.seeds import seed_roles
from identity.session import model as session
from identity.session.commands import sweep_sessions
from identity.session.resources import routes as session_routes
from identity.session.views import add_views
from identity.titles import TITLES
from identity.unit import model as unit
from identity.unit.resources import routes as unit_routes
from identity.unit.seeds import seed_units
from identity.user import life_cycle
from identity.user import model as user
from identity.user.resources import USER_IMPORT
from identity.user.resources import routes as user_routes
from identity.user.seeds import seed_users
from identity.view import model as view
from identity.view.resources import routes as view_routes

service: Service = Service(
    name="identity",
    title="Guanxi identity",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *session_routes,
        *user_routes,
        *role_routes,
        *right_routes,
        *unit_routes,
        *dictionary_routes,
        *numbering_routes,
        *notification_routes,
        *view_routes,
        *flow_desk.routes_of(ERASURE, HAND_OVER, below="/flows/identity"),
        *bus_desk.routes_of("identity"),
        *erasure_routes,
        *hand_over_routes,
        *personal_data_routes("identity", lambda: service),
    ],
    machines=[life_cycle.LIFE_CYCLE, role.LIFE_CYCLE, HAND_OVER_LIFE],
    says=[
        user.UserRegistered,
        user.UserEdited,
        user.UserDisabled,
        user.UserEnabled,
        user.UserDeleted,
        user.UserPasswordSet,
        user.UserLocked,
        user.UserUnlocked,
        session.SessionOpened,
        session.SessionEnded,
        session.SignInFailed,
        unit.UnitCreated,
        unit.UnitEdited,
        unit.UnitMoved,
        unit.UnitRemoved,
        right.RightSwitchedOff,
        right.RightSwitchedOn,
        role.RoleCreated,
        role.RoleEdited,
        role.RoleRightsChanged,
        role.RoleDisabled,
        role.RoleEnabled,
        role.RoleDeleted,
        dictionary.ItemAdded,
        dictionary.ItemEdited,
        dictionary.ItemRemoved,
        numbering.PatternSet,
        view.ViewSaved,
        view.ViewEdited,
        view.ViewRemoved,
        erasure.ErasureRequested,
        erasure.ErasureBegun,
        erasure.ErasureCompleted,
        erasure.ErasureRefused,
        hand_over.HandOverRequested,
        hand_over.HandOverCounted,
        hand_over.HandOverConfirmed,
        hand_over.HandOverBegun,
        hand_over.HandOverCompleted,
        hand_over.HandOverRefused,
        hand_over.HandOverCancelled,
        *said_by("identity"),
    ],
    hears={**REACTIONS, **FLOW_REACTIONS},
    flows=[ERASURE, HAND_OVER],
    jobs=[
        Job("sweep sessions", sweep_sessions, timedelta(hours=1)),
        Job("sweep notifications", sweep_notifications, timedelta(days=1)),
    ],
    seeds=[seed_roles, seed_dictionary, seed_numbering, seed_users, seed_units],
    add_views=add_views,
    imports=[USER_IMPORT],
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
)
