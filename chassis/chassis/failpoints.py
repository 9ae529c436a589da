"""Named places where a test may stop or kill a process; nothing at all unless GUANXI_FAILPOINT is set.

``GUANXI_FAILPOINT=consumer.after_commit:kill:3`` kills the process the third time it comes by;
``…:raise:1`` raises there instead.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_SET = os.environ.get("GUANXI_FAILPOINT", "")
_passes: Counter[str] = Counter()


class Failed(RuntimeError):
    """A failpoint was told to raise."""


def failpoint(name: str) -> None:
    """Do here what the environment asks for."""
    if not _SET:
        return
    wanted, action, count = _SET.split(":")
    if wanted != name:
        return
    _passes[name] += 1
    if _passes[name] == int(count):
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise Failed(name)
