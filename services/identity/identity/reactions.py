"""What identity hears from others: whatever concerns people becomes a notification."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from chassis.events import Heard
from chassis.transaction import Transaction
from identity.notice import Notice, heard
from identity.notices import NOTICES
from identity.notification.commands import tell


def _teller(notices: list[Notice]) -> Callable[[Transaction, Any], None]:
    return functools.partial(_tell, notices=notices)


def _tell(tx: Transaction, event: Any, *, notices: list[Notice]) -> None:
    tell(tx, notices, event)


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {
    kind: _teller(notices) for kind, notices in heard(NOTICES).items()
}
