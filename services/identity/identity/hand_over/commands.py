"""Handing over: begun and confirmed by an administrator, counted and done by every service in its own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import flowing
from chassis.transaction import Transaction
from identity.flows import HAND_OVER
from identity.hand_over import queries
from identity.hand_over.life_cycle import LIFE_CYCLE
from identity.hand_over.model import HandOver


def begin_hand_over(
    tx: Transaction,
    user_id: int,
    reason: str,
    to_user_id: int | None = None,
    receivers: Sequence[Mapping[str, Any]] = (),
) -> HandOver:
    """Have everything counted that somebody has in charge; nothing goes over yet."""
    wanted = queries.receivers_meant(to_user_id, receivers)
    user = queries.must_fit(tx, user_id, to_user_id, receivers)
    whose = {"user_id": user.id, "user_name": user.full_name, "reason": reason}
    hand_over = tx.add(HandOver.begin(whose, wanted, by=tx.principal, at=tx.now))
    tx.publish(hand_over.requested())
    flowing.start(tx, HAND_OVER, hand_over.id, {"turns_done": 0})
    return hand_over


def confirm_hand_over(tx: Transaction, hand_over_id: int) -> HandOver:
    """Let everything go over; then the account is disabled."""
    hand_over = tx.get(HandOver, hand_over_id)
    LIFE_CYCLE.must_allow("confirm", tx.case(hand_over, **queries.standing(tx, hand_over)))
    tx.publish(hand_over.confirm(at=tx.now))
    return hand_over


def cancel_hand_over(tx: Transaction, hand_over_id: int) -> HandOver:
    """Let everything stay; once it was confirmed it is too late."""
    hand_over = _with_its_flow(tx, hand_over_id)
    LIFE_CYCLE.must_allow("cancel", tx.case(hand_over))
    flowing.cancel(tx, HAND_OVER, HAND_OVER.id_of(hand_over_id), "Cancelled by hand")
    return hand_over


def retry_hand_over(tx: Transaction, hand_over_id: int) -> HandOver:
    """Ask once more what has not been answered in time."""
    hand_over = _with_its_flow(tx, hand_over_id)
    LIFE_CYCLE.must_allow("retry", tx.case(hand_over, **queries.standing(tx, hand_over)))
    flowing.retry(tx, HAND_OVER, HAND_OVER.id_of(hand_over_id))
    return hand_over


def _with_its_flow(tx: Transaction, hand_over_id: int) -> HandOver:
    """The flow is locked first, as the answers of the services lock them."""
    tx.companion(flowing.Book).find(HAND_OVER.id_of(hand_over_id))
    return tx.get(HandOver, hand_over_id)
