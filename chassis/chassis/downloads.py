"""A file on its way to whoever asked: block by block, under a safe name, never run or shown by a browser."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from urllib.parse import quote

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANYTHING = "application/octet-stream"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Download:
    """What a route answers instead of JSON. ``blocks`` is read once, after the transaction has ended."""

    name: str
    kind: str
    blocks: Iterable[bytes]
    size: int | None = None
    etag: str = ""

    def headers(self) -> dict[str, str]:
        """Saved under its name and taken for nothing but what it is."""
        found = {
            "Content-Type": f"{self.kind}; charset=utf-8" if self.kind.startswith("text/") else self.kind,
            "Content-Disposition": disposition(self.name),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        if self.size is not None:
            found["Content-Length"] = str(self.size)
        return found | ({"ETag": f'"{self.etag}"'} if self.etag else {})


def disposition(name: str) -> str:
    """``attachment`` with the name in plain letters for old clients and in full for the others (RFC 6266)."""
    plain = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z{}~()\[\],;=@]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
