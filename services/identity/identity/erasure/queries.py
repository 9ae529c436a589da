"""Looking at erasures."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.pages import Listing, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.erasure.model import Erasure

SHOWN = ("id", "state", "ground", "case_no", "with_texts", "requested_by", "requested_by_name")
MOMENTS = ("requested_at", "completed_at", "version")

ERASURES = Listing(
    columns={name: getattr(Erasure, name) for name in (*SHOWN, *MOMENTS)},
    key=Erasure.id,
    filters={
        "state": equal(Erasure.state),
        "case_no": equal(Erasure.case_no),
        "requested_by": equal(Erasure.requested_by),
        "requested_from": since(Erasure.requested_at),
        "requested_to": until(Erasure.requested_at),
    },
    sorts={"id": Erasure.id, "requested_at": Erasure.requested_at},
    default_sort="-requested_at",
    search=(Erasure.case_no,),
)


def get_erasure(tx: Transaction, erasure_id: int) -> Erasure:
    """One erasure with its parts. Raises NotFound."""
    found: Erasure | None = tx.scalar(sa.select(Erasure).where(Erasure.id == erasure_id))
    if found is None:
        raise NotFound(detail=f"No erasure {erasure_id}")
    return found
