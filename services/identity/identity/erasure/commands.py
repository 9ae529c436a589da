"""Erasing people: asked for by an administrator, done by every service in its own time."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from chassis import flowing
from chassis.personal import Subject, subject_of
from chassis.transaction import Transaction
from identity.erasure.model import Erasure, ErasurePart, State, UserStillActive, must_have_texts
from identity.flows import ERASURE, SERVICES
from identity.user.model import User


def request_erasure(
    tx: Transaction, subjects: Sequence[str], ground: str, case_no: str = "", with_texts: bool = False
) -> Erasure:
    """Have somebody forgotten, everywhere."""
    named = [subject_of(one) for one in dict.fromkeys(subjects)]
    must_have_texts(named, with_texts=with_texts)
    _must_have_left(tx, named)
    erasure = tx.add(
        Erasure(
            named=json.dumps(list(map(str, named))),
            traced="[]",
            with_texts=with_texts,
            ground=ground,
            case_no=case_no,
            state=State.REQUESTED,
            requested_by=tx.principal.user_id,
            requested_by_name=tx.principal.name,
            requested_at=tx.now,
            parts=[ErasurePart(service=service, blanked="{}") for service in SERVICES],
        )
    )
    tx.publish(erasure.requested())
    flowing.start(tx, ERASURE, erasure.id, {"asked": 1, "named": erasure.subjects, "subjects": erasure.subjects})
    return erasure


def retry_erasure(tx: Transaction, erasure_id: int) -> Erasure:
    """Ask once more what has not been answered in time."""
    erasure = tx.get(Erasure, erasure_id)
    flowing.retry(tx, ERASURE, ERASURE.id_of(erasure_id))
    return erasure


def _must_have_left(tx: Transaction, subjects: Sequence[Subject]) -> None:
    """Whoever may still sign in would write his or her name again."""
    ids = [int(one.key) for one in subjects if one.kind == "user" and one.key.isdigit()]
    active = tx.scalar(sa.select(User.id).where(User.id.in_(ids), User.is_active).limit(1)) if ids else None
    if active is not None:
        raise UserStillActive(user_id=active)
