"""A page written in Markdown as HTML: headings, paragraphs, lists and code, which is all our pages need."""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

_CODE = re.compile(r"`([^`]+)`")
_BLOCK = re.compile(r"\n\s*\n")
_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def prose(text: str) -> Markup:
    """Safe to show: everything is escaped before anything is marked up."""
    parts = _FENCE.split(text)
    found = [f"<pre>{escape(part)}</pre>" if place % 2 else _blocks(part) for place, part in enumerate(parts)]
    return Markup("".join(found))  # noqa: S704  (escaped above, piece by piece)


def _blocks(text: str) -> str:
    return "".join(_block(block.strip()) for block in _BLOCK.split(text) if block.strip())


def _block(block: str) -> str:
    hashes = len(block) - len(block.lstrip("#"))
    if 1 <= hashes <= 4:
        heading, _, rest = block.partition("\n")
        return f"<h{hashes}>{_line(heading.lstrip('# '))}</h{hashes}>" + _blocks(rest)
    lines = block.splitlines()
    if all(line.startswith(("- ", "  ")) for line in lines):
        items = re.split(r"(?m)^- ", block)[1:]
        return "<ul>" + "".join(f"<li>{_line(item)}</li>" for item in items) + "</ul>"
    return f"<p>{_line(block)}</p>"


def _line(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))
