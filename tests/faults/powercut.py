"""What a power cut leaves of a SQLite database: all that was synced, and any part of what was not.

Killing a process is no power cut: the system still writes down what the dead one had handed over. So the files are
copied while their processes stand still, and in the copies everything that no sync had reached is lost or torn.
"""

from __future__ import annotations

import random
import sqlite3
import struct
from pathlib import Path

WAL_HEADER, FRAME_HEADER = 32, 24
FULL = 2
"""``PRAGMA synchronous``: the log is synced at each commit. With less, only a checkpoint syncs it."""
DATABASE_HEADER = 100
"""The first bytes never change in a way that a torn write could spoil."""


def cut_power(database: Path, to: Path, *, synchronous: int, chance: random.Random) -> Path:
    """The database as it is found after a power cut at this moment. Its processes have to stand still."""
    image = to / database.name
    pages = bytearray(database.read_bytes())
    log = database.with_name(database.name + "-wal")
    content = log.read_bytes() if log.exists() else b""
    if content:
        page_size = struct.unpack(">I", content[8:12])[0]
        synced = WAL_HEADER + synced_frames(database, synchronous) * (FRAME_HEADER + page_size)
        tear_pages(pages, content[:synced], page_size, chance)
        image.with_name(image.name + "-wal").write_bytes(content[:synced] + leftover(content[synced:], chance))
    image.write_bytes(pages)
    return image


def synced_frames(database: Path, synchronous: int) -> int:
    """How many frames of the log a sync has reached, read from the index that the processes share."""
    index = database.with_name(database.name + "-shm").read_bytes()
    committed, checkpointed = struct.unpack_from("=I", index, 16)[0], struct.unpack_from("=I", index, 96)[0]
    return int(committed if synchronous >= FULL else min(committed, checkpointed))


def tear_pages(pages: bytearray, log: bytes, page_size: int, chance: random.Random) -> None:
    """A checkpoint may have been writing: half of any page that the log still holds may be old, or nothing."""
    frames = range(WAL_HEADER, len(log), FRAME_HEADER + page_size)
    for page in {struct.unpack_from(">I", log, place)[0] for place in frames}:
        begin = (page - 1) * page_size + page_size // 2 * chance.randint(0, 1)
        if chance.random() < 0.3 and begin + page_size // 2 <= len(pages):
            end = begin + page_size // 2
            begin = max(begin, DATABASE_HEADER)
            pages[begin:end] = bytes(end - begin)


def leftover(unsynced: bytes, chance: random.Random) -> bytes:
    """Some of it, all of it or none, with a torn end."""
    kept = unsynced[: chance.randint(0, len(unsynced))]
    torn = chance.randint(0, min(len(kept), 4096))
    return kept[: len(kept) - torn] + chance.randbytes(torn)


def is_whole(image: Path) -> bool:
    """SQLite's own judgement, after it has recovered what it could."""
    with sqlite3.connect(image) as connection:
        answer: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return answer == "ok"
