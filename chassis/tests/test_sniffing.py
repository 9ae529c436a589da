"""What a file is, its content says; what it is called, is only a name."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.sheets import write_xlsx
from chassis.sniffing import IMAGES, kind_of
from chassis.uploads import safe_name

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30


def archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        (b"GIF89a\x01\x00\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (archive("anything.txt"), "application/zip"),
        (archive("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"".join(write_xlsx([], [])[0]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("客户名称\n".encode(), "text/plain"),
        ("关" * 3000, "text/plain"),
        (b"PK\x03\x04 and no more", "application/octet-stream"),
        (b"RIFF\x24\x00\x00\x00WAVE", "application/octet-stream"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n and no more", "application/octet-stream"),
        (b"Caf\xe9", "application/octet-stream"),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes | str, kind: str) -> None:
    assert kind_of(content.encode() if isinstance(content, str) else content) == kind


@pytest.mark.parametrize("text", ["<html><script>alert(1)</script>", "<svg onload='x'/>", "<?xml version='1.0'?><a/>"])
def test_what_a_browser_could_run_is_plain_text(text: str) -> None:
    assert kind_of(text.encode()) == "text/plain"


@given(st.binary(max_size=64))
def test_no_bytes_break_it_and_none_are_an_image_by_chance(content: bytes) -> None:
    assert kind_of(content) not in IMAGES or content.startswith((b"\x89PNG", b"GIF8", b"RIFF", b"\xff\xd8\xff"))


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("contract.pdf", "contract.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mei\\合同.pdf", "合同.pdf"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_only_a_name(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name
