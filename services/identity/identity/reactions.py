"""What identity hears from others: whatever concerns people becomes a notification, and who looks after customers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from chassis.events import Heard
from chassis.transaction import Transaction
from identity.in_charge import BESIDE_NOTICES
from identity.in_charge import REACTIONS as IN_CHARGE
from identity.notice import Notice, heard
from identity.notices import NOTICES
from identity.notification.commands import tell


def _teller(notices: list[Notice]) -> Callable[[Transaction, Any], None]:
    return functools.partial(_tell, notices=notices, also=BESIDE_NOTICES.get(notices[0].event))


def _tell(
    tx: Transaction, event: Any, *, notices: list[Notice], also: Callable[[Transaction, Any], None] | None
) -> None:
    tell(tx, notices, event)
    if also:
        also(tx, event)


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {
    **{kind: _teller(notices) for kind, notices in heard(NOTICES).items()},
    **IN_CHARGE,
}
