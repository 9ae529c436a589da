"""Looking at hand-overs, and at whether one can be begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound, wrong_field
from chassis.tables import flow
from chassis.transaction import Row, Transaction
from identity.hand_over.life_cycle import OPEN
from identity.hand_over.model import ALL_KINDS, AlreadyHandingOver, HandOver
from identity.user.life_cycle import AccountDeleted, NotYourself, Status
from identity.user.model import User

SHOWN = ("id", "user_id", "user_name", "reason", "status", "requested_by", "requested_by_name")
MOMENTS = ("requested_at", "confirmed_at", "completed_at", "version")

HAND_OVERS = Listing(
    columns={name: getattr(HandOver, name) for name in (*SHOWN, *MOMENTS)},
    key=HandOver.id,
    filters={
        "status": equal(HandOver.status),
        "user_id": equal(HandOver.user_id),
        "user_name": contains(HandOver.user_name),
        "requested_by": equal(HandOver.requested_by),
        "requested_from": since(HandOver.requested_at),
        "requested_to": until(HandOver.requested_at),
    },
    sorts={"id": HandOver.id, "requested_at": HandOver.requested_at},
    default_sort="-requested_at",
    search=(HandOver.user_name, HandOver.reason),
)


def get_hand_over(tx: Transaction, hand_over_id: int) -> HandOver:
    """One hand-over with its parts. Raises NotFound."""
    found: HandOver | None = tx.scalar(sa.select(HandOver).where(HandOver.id == hand_over_id))
    if found is None:
        raise NotFound(detail=f"No hand-over {hand_over_id}")
    return found


def hand_over_history(tx: Transaction, hand_over_id: int) -> dict[str, Any]:
    """Everything that happened to one hand-over."""
    return history_of(tx, HandOver.noun, get_hand_over(tx, hand_over_id).id)


def receivers_meant(to_user_id: int | None, receivers: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Who takes which kind: those that are named, and everybody else's is ``to_user_id``. Raises Invalid."""
    if to_user_id is None and not receivers:
        raise wrong_field("/to_user_id", "Say to whom everything goes, or name a receiver for some kinds")
    everything = {} if to_user_id is None else dict.fromkeys(ALL_KINDS, to_user_id)
    return everything | {one["kind"]: one["user_id"] for one in receivers}


def must_fit(tx: Transaction, user_id: int, to_user_id: int | None, receivers: Sequence[Mapping[str, Any]]) -> Row:
    """Who gives: somebody else than whoever asks and than those who take; one statement for all of them.

    Raises Invalid, NotYourself, AccountDeleted or AlreadyHandingOver.
    """
    named = [("/to_user_id", to_user_id)] if to_user_id is not None else []
    named += [(f"/receivers/{place}/user_id", one["user_id"]) for place, one in enumerate(receivers)]
    asked = sorted({user_id, *(number for _, number in named)})
    open_one = sa.select(HandOver.id).where(HandOver.user_id == User.id, HandOver.status.in_(OPEN)).limit(1)
    shown = (User.id, User.full_name, User.status, open_one.scalar_subquery().label("open_id"))
    users = {row.id: row for row in tx.rows(sa.select(*shown).where(User.id.in_(asked)))}
    for pointer, number in named:
        if number == user_id:
            raise wrong_field(pointer, "Nobody hands over to himself or herself")
        if number not in users or users[number].status != Status.NORMAL:
            raise wrong_field(pointer, "There is no such active user")
    if user_id not in users:
        raise wrong_field("/user_id", "There is no such user")
    return _able_to_give(tx, users[user_id])


def standing(tx: Transaction, hand_over: HandOver) -> dict[str, Any]:
    """How its flow is, and who cannot take anything any more; one statement."""
    gone = (User.id.in_(hand_over.receiver_ids), User.status != Status.NORMAL)
    absent = sa.select(sa.func.min(User.id)).where(*gone).scalar_subquery().label("absent_id")
    mine = (flow.c.flow_type == HandOver.noun, flow.c.correlation_id == str(hand_over.id))
    shown = sa.select(flow.c.state.label("flow_state"), flow.c.deadline_at, absent).where(*mine)
    row = tx.row(shown)
    assert row is not None  # noqa: S101  (it began with its flow)
    return dict(row._mapping)


def _able_to_give(tx: Transaction, user: Row) -> Row:
    if user.id == tx.principal.user_id:
        raise NotYourself(user_id=user.id)
    if user.status == Status.DELETED:
        raise AccountDeleted(user_id=user.id)
    if user.open_id is not None:
        raise AlreadyHandingOver(hand_over_id=user.open_id)
    return user
