"""Files on a record: a licence, a scan, a photo; kept in the record's own database, told in its history.

One declaration per noun::

    ORDER_FILES = Attachments(
        service="customer",
        kind=Order,
        path="/orders/<order_no>",
        finds=queries.get_order,
        reads="order:read",
        writes="order:write",
    )

and ``*ORDER_FILES.routes`` among the routes, ``*ORDER_FILES.says`` among what the service says.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

import marshmallow as ma
import sqlalchemy as sa

from chassis.database import NAMING, BigId, Moment
from chassis.downloads import ANYTHING, Download
from chassis.events import Event
from chassis.fields import Body, View
from chassis.personal import PersonErased, free_text, personal_column, text_column, whoever
from chassis.problems import Conflict, NotFound, wrong_field
from chassis.routes import Route
from chassis.row_blanking import must_not_be_erased
from chassis.sniffing import kind_of
from chassis.transaction import Aggregate, Row, Transaction, looking
from chassis.uploads import FileField, Uploaded

LARGEST_FILE = 10 * 1024 * 1024
"""A scan of a contract; films belong elsewhere. A request may have 16 MB."""
MOST_FILES = 100
"""Of one record: then its list is never longer than a page."""
BLOCK = 256 * 1024
ABOUT_THE_RECORD = text_column(whoever("noun", "record"))

ATTACHMENTS = sa.MetaData(naming_convention=NAMING)
attachment = sa.Table(
    "attachment",
    ATTACHMENTS,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("noun", sa.String(40), nullable=False),
    sa.Column("record", sa.String(80), nullable=False),
    sa.Column("name", sa.String(200), nullable=False, info=ABOUT_THE_RECORD),
    sa.Column("content_type", sa.String(100), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, info=ABOUT_THE_RECORD),
    sa.Column("added_by_id", sa.BigInteger, nullable=False),
    sa.Column("added_by_name", sa.String(80), nullable=False, info=personal_column(user="added_by_id")),
    sa.Column("added_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("attachment_of_record", attachment.c.noun, attachment.c.record, attachment.c.id)
attachment_block = sa.Table(
    "attachment_block",
    ATTACHMENTS,
    sa.Column("attachment_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)


def add_attachment_tables(metadata: sa.MetaData) -> None:
    """For a service with records that may have files."""
    for table in ATTACHMENTS.sorted_tables:
        table.to_metadata(metadata)


class TooManyFiles(Conflict):
    """This record has as many files as one may have; remove one first."""

    limit: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is told of a file; never its content."""

    attachment_id: int
    name: str
    content_type: str
    size_bytes: int
    sha256: str


TOLD = ("name", "content_type", "size_bytes", "sha256")
TEXTS = ("name", "sha256")
"""A file may name anybody, as free text may, and so may what it is called; its sum tells a known file from another."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attached(FileFacts):
    """A file as its view shows it; ``version`` is that of the record from now on."""

    added_by_id: int
    added_by_name: str
    added_at: datetime
    version: int | None = None

    def aggregate_id(self) -> str:
        """What follows the list's address in its own."""
        return str(self.attachment_id)


@dataclasses.dataclass(frozen=True)
class Files:
    """All files of a record."""

    items: Sequence[Attached]


class FileToAttach(Body):
    """A file of any kind."""

    file = FileField(LARGEST_FILE, metadata={"description": "At most 10 MB; what it is, its content says"})


class AttachmentView(View):
    """A file of a record."""

    id = ma.fields.Integer(required=True, attribute="attachment_id")
    name = ma.fields.String(required=True)
    content_type = ma.fields.String(required=True)
    size_bytes = ma.fields.Integer(required=True)
    sha256 = ma.fields.String(required=True)
    added_by_id = ma.fields.Integer(required=True)
    added_by_name = ma.fields.String(required=True)
    added_at = ma.fields.AwareDateTime(required=True)


class AttachmentsView(View):
    """All files of a record, oldest first."""

    items = ma.fields.List(ma.fields.Nested(AttachmentView), required=True)


def anything_goes(_record: Any) -> None:
    """A record may get files in whatever state it is."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attachments:
    """The files of one noun.

    ``finds`` reads one record in the data scope or raises NotFound: the function of the noun's own route. ``allows``
    raises when a record may not get or lose files. ``only`` are content types, for a noun that takes no others.
    """

    service: str
    kind: type[Aggregate]
    path: str
    finds: Callable[..., Any]
    reads: str
    writes: str
    allows: Callable[[Any], None] = anything_goes
    only: frozenset[str] = frozenset()

    @cached_property
    def says(self) -> tuple[type[Event], type[Event]]:
        """What the record tells: a file came, a file went."""
        return self._event("file-attached", "A file was attached"), self._event("file-removed", "A file was removed")

    @property
    def routes(self) -> list[Route]:
        all_ = f"{self.path}/attachments"
        one = all_ + "/<int:attachment_id>"
        return [
            Route(method="GET", path=all_, calls=self.list_files, gives=AttachmentsView, needs=self.reads),
            Route(method="GET", path=one, calls=self.get_file, needs=self.reads, files=[ANYTHING]),
            Route(method="POST", path=all_, calls=self.attach_file, takes=FileToAttach, gives=AttachmentView,
                  needs=self.writes, status=201, refuses=(TooManyFiles, PersonErased),
                  most_statements=10),  # whose record it is, how many files it has; the file and its blocks
            Route(method="DELETE", path=one, calls=self.remove_file, needs=self.writes, status=204,
                  most_statements=10),  # whose record it is; the file: found, then its blocks and itself removed
        ]  # fmt: skip

    def list_files(self, tx: Transaction, **path: Any) -> Files:
        """The files of a record, oldest first."""
        key = self._key(path)
        self.finds(tx, **path)
        rows = tx.rows(sa.select(attachment).where(*self._of(key)).order_by(attachment.c.id).limit(MOST_FILES))
        return Files([_attached(row) for row in rows])

    def get_file(self, tx: Transaction, attachment_id: int, **path: Any) -> Download:
        """A file of a record, to be saved."""
        key = self._key(path)
        self.finds(tx, **path)
        file = self._file(tx, key, attachment_id)
        if not file.sha256:
            raise NotFound(detail=f"File {attachment_id} was erased")
        tx.session.close()  # each block takes a connection of its own and gives it back
        blocks = _blocks(tx, file)
        return Download(
            name=file.name, kind=file.content_type, blocks=blocks, size=file.size_bytes, etag=file.sha256
        )  # fmt: skip

    def attach_file(self, tx: Transaction, file: Uploaded, **path: Any) -> Attached:
        """Attach a file to a record; its history tells it from now on."""
        key = self._key(path)
        kind = self._must_be_wanted(kind_of(file.content))
        record = self._record(tx, path)
        must_not_be_erased(tx, self.kind.noun, str(key), is_text=True)
        count = sa.select(sa.func.count()).select_from(attachment).where(*self._of(key))
        if tx.scalar(count) >= MOST_FILES:
            raise TooManyFiles(limit=MOST_FILES)
        row = {
            "noun": self.kind.noun,
            "record": str(key),
            "name": file.name,
            "content_type": kind,
            "size_bytes": len(file.content),
            "sha256": file.sha256,
            "added_by_id": tx.principal.user_id,
            "added_by_name": tx.principal.name,
            "added_at": tx.now,
        }
        kept = tx.row(sa.insert(attachment).values(row).returning(*attachment.c))
        assert kept is not None  # noqa: S101  (an insert of one row returns it)
        tx.execute(sa.insert(attachment_block), _cut(kept.id, file.content))
        tx.publish(self._said(0, key, kept))
        return dataclasses.replace(_attached(kept), version=record.version)

    def remove_file(self, tx: Transaction, attachment_id: int, **path: Any) -> None:
        """Remove a file from a record; that it was there stays in the history."""
        key = self._key(path)
        self._record(tx, path)
        file = self._file(tx, key, attachment_id)
        tx.execute(sa.delete(attachment_block).where(attachment_block.c.attachment_id == file.id))
        tx.execute(sa.delete(attachment).where(attachment.c.id == file.id))
        tx.publish(self._said(1, key, file))

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _key_name(self) -> str:
        """``customer_no`` in ``/customers/<customer_no>``, which is also what its events call it."""
        name: str = re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", self.path)[-1]
        return name

    def _key(self, path: Mapping[str, Any]) -> Any:
        return path[self._key_name]

    def _of(self, key: Any) -> tuple[sa.ColumnElement[bool], ...]:
        return attachment.c.noun == self.kind.noun, attachment.c.record == str(key)

    def _record(self, tx: Transaction, path: Mapping[str, Any]) -> Aggregate:
        """The record, locked: its version counts files too. Raises NotFound."""
        if not self.kind.owners:
            self.finds(tx, **path)  # somebody else's record is in no scope of its own
        record = tx.get(self.kind, self._key(path))
        self.allows(record)
        return record

    def _file(self, tx: Transaction, key: Any, attachment_id: int) -> Row:
        found = tx.row(sa.select(attachment).where(*self._of(key), attachment.c.id == attachment_id))
        if found is None:
            raise NotFound(detail=f"No file {attachment_id}")
        return found

    def _must_be_wanted(self, kind: str) -> str:
        if self.only and kind not in self.only:
            raise wrong_field("/file", f"This is {kind}; wanted is {' or '.join(sorted(self.only))}")
        return kind

    def _said(self, which: int, key: Any, file: Row) -> Event:
        facts = {name: getattr(file, name) for name in TOLD}
        event: Callable[..., Event] = self.says[which]
        return event(**{self._key_name: key}, attachment_id=file.id, **facts)

    def _event(self, fact: str, sentence: str) -> type[Event]:
        """``customer.customer.file-attached``, about the record: so it has the record's key and version."""
        name = "".join(word.title() for word in f"{self.kind.noun}-{fact}".split("-"))
        body = {
            "__annotations__": {self._key_name: int if f"<int:{self._key_name}>" in self.path else str}
            | {name: Annotated[str, free_text({self.kind.noun: self._key_name})] for name in TEXTS},
            "__doc__": f"{sentence}; its content stays where it is.",
            "__module__": self.kind.__module__,
        }
        kind = f"{self.service}.{self.kind.noun}.{fact}"
        options = {"type": kind, "key": self._key_name}
        return types.new_class(name, (FileFacts, Event), options, lambda namespace: namespace.update(body))


def drop_erased(connection: sa.Connection) -> int:
    """The content of files goes once their rows are blank; how many blocks that were."""
    blank = sa.select(attachment.c.id).where(attachment.c.sha256 == "")
    return connection.execute(sa.delete(attachment_block).where(attachment_block.c.attachment_id.in_(blank))).rowcount


def _attached(row: Row) -> Attached:
    known = {name: getattr(row, name) for name in (*TOLD, "added_by_id", "added_by_name", "added_at")}
    return Attached(attachment_id=row.id, **known)


def _cut(attachment_id: int, content: bytes) -> list[dict[str, Any]]:
    starts = range(0, len(content), BLOCK)
    return [
        {"attachment_id": attachment_id, "number": number, "content": content[start : start + BLOCK]}
        for number, start in enumerate(starts)
    ]


def _blocks(asking: Transaction, file: Row) -> Iterator[bytes]:
    """The content, a block at a time. A file that is removed meanwhile breaks off, which the client notices."""
    for number in range(-(-file.size_bytes // BLOCK)):
        mine = (attachment_block.c.attachment_id == file.id, attachment_block.c.number == number)
        with looking(asking.database, asking.service, principal=asking.principal) as tx:
            block = tx.scalar(sa.select(attachment_block.c.content).where(*mine))
        if block is None:
            raise NotFound(detail=f"File {file.id} was removed")
        yield block
