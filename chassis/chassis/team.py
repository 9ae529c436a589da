"""A set of people's numbers as a short text, so that a supervisor of thousands still fits into a header.

Numbers that follow each other cost two bytes however many they are; others cost two or three each. JSON would take
seven for each, and the token writes everything in base64 besides.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator


def packed(people: Iterable[int]) -> str:
    """Runs of numbers, each as the gap before it and its length, in base64url."""
    found = bytearray()
    end = 0
    for first, length in _runs(sorted(set(people))):
        found += _number(first - end) + _number(length - 1)
        end = first + length
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


def unpacked(text: str) -> frozenset[int]:
    """Raises ValueError when it is no such text."""
    numbers = list(_numbers(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    if len(numbers) % 2:
        raise ValueError("half a run")
    found: set[int] = set()
    end = 0
    for gap, more in zip(numbers[::2], numbers[1::2], strict=True):
        first, end = end + gap, end + gap + more + 1
        found.update(range(first, end))
    return frozenset(found)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """(first, length) of each stretch without holes."""
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield numbers[start], place - start
            start = place


def _number(value: int) -> bytes:
    """Seven bits in each byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _numbers(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
    if shift:
        raise ValueError("half a number")
