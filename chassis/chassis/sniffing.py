"""What a file is, by its content: what a client calls it is only a claim.

Anything that a browser could run (HTML, SVG, scripts) is plain text or bytes to us.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

from chassis.downloads import ANYTHING

PNG, JPEG, GIF, WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
IMAGES = frozenset({PNG, JPEG, GIF, WEBP})
PDF, TEXT, ZIP = "application/pdf", "text/plain", "application/zip"
OFFICE = "application/vnd.openxmlformats-officedocument."
INSIDE = (
    ("word/document.xml", OFFICE + "wordprocessingml.document"),
    ("xl/workbook.xml", OFFICE + "spreadsheetml.sheet"),
    ("ppt/presentation.xml", OFFICE + "presentationml.presentation"),
)
HEAD = 4096


def kind_of(content: bytes) -> str:
    """The content type; ``application/octet-stream`` for what we do not know."""
    for kind, is_it in KINDS:
        if is_it(content):
            return _packed(content) if kind == ZIP else kind
    return ANYTHING


def _is_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR"


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff")


def _is_gif(content: bytes) -> bool:
    return content.startswith((b"GIF87a", b"GIF89a"))


def _is_webp(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def _is_zip(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters; the last sign of the head may be cut in two."""
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in content[:HEAD]):
        return False
    try:
        content[:HEAD].decode("utf-8")
    except UnicodeDecodeError as error:
        return len(content) > HEAD and error.start >= HEAD - 4
    return True


def _packed(content: bytes) -> str:
    """A document of an office program, or any other archive."""
    try:
        names = set(zipfile.ZipFile(BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return ANYTHING
    return next((kind for name, kind in INSIDE if name in names), ZIP)


KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (PNG, _is_png),
    (JPEG, _is_jpeg),
    (GIF, _is_gif),
    (WEBP, _is_webp),
    (PDF, _is_pdf),
    (ZIP, _is_zip),
    (TEXT, _is_text),
)
