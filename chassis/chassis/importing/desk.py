"""Imports over HTTP: hand in a file, watch it, read what was refused, stop it, take it back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
import msgspec
import sqlalchemy as sa

from chassis.bulk import CREATE_OR_UPDATE, MODES, SKIP, STOP
from chassis.downloads import Download
from chassis.events import encode, event_id
from chassis.fields import Body, Text, View
from chassis.importing.declared import Import
from chassis.importing.lines import Unreadable
from chassis.importing.reading import form_of
from chassis.importing.tables import (
    CAN_BE_UNDONE,
    OPEN,
    State,
    forget_content,
    import_change,
    import_fault,
    import_file,
    import_job,
)
from chassis.pages import Listing, equal, since, until
from chassis.principal import claims_of
from chassis.problems import Conflict, NotFound, wrong_field
from chassis.routes import Route
from chassis.sheets import FORMS
from chassis.titles import language_field
from chassis.transaction import Row, Transaction
from chassis.uploads import FileField, Uploaded

LONGEST_FIXES = 200_000
MOST_FIXES = 500
"""Cells that somebody corrects by hand; whoever has more to correct does it in the file."""
LARGEST_FILE = 5 * 1024 * 1024
FILE = ("file_name", "form", "encoding", "size_bytes", "sha256")
ASKED = ("mode", "on_error", "dry_run")
COUNTS = ("rows_total", "rows_done", "created", "updated", "unchanged", "refused", "undone", "kept")
WHO_AND_WHEN = ("owner_id", "owner_name", "created_at", "finished_at")
SHOWN = ("id", *FILE, *ASKED, "state", "reason", *COUNTS, *WHO_AND_WHEN)


class ImportClosed(Conflict):
    """The import is over and cannot be stopped any more."""

    import_id: int
    state: str


class NothingToUndo(Conflict):
    """The import is still at work, kept nothing, or was taken back already."""

    import_id: int
    state: str


class ImportOrder(Body):
    """A file and what is to be done with its rows."""

    file = FileField(LARGEST_FILE, metadata={"description": "CSV or XLSX, at most 5 MB and 50,000 rows"})
    mode = Text(16, choices=MODES, load_default=CREATE_OR_UPDATE)
    on_error = Text(
        4,
        choices=(STOP, SKIP),
        load_default=STOP,
        metadata={"description": "stop: a wrong row keeps all out; skip: the good rows are kept"},
    )
    dry_run = ma.fields.Boolean(load_default=False, metadata={"description": "Say what would happen, and keep nothing"})
    mapping = Text(20_000, metadata={"description": 'JSON: {"title in the file": "field", "another": null}'})
    fixes = Text(
        LONGEST_FIXES,
        metadata={
            "description": 'JSON: [{"row": 3, "column": "title in the file", "value": "what is to stand there"}]'
        },
    )


class TemplateQuery(Body):
    """In which form and language an empty file is wanted."""

    format = Text(4, choices=list(FORMS), load_default="csv")
    lang = language_field()


class ImportedColumn(View):
    """A column of the file, and the field that it was taken for; null when it was left out."""

    header = ma.fields.String(required=True)
    field = ma.fields.String(allow_none=True, required=True)


class ImportedField(View):
    """A field that a column may be."""

    name = ma.fields.String(required=True)
    title_zh = ma.fields.String(required=True)
    title_en = ma.fields.String(required=True)
    is_required = ma.fields.Boolean(required=True)


class ImportRow(View):
    """An import: which file, how far it is, what became of the rows."""

    id = ma.fields.Integer(required=True)
    file_name = ma.fields.String(required=True)
    form = ma.fields.String(required=True)
    encoding = ma.fields.String(required=True)
    size_bytes = ma.fields.Integer(required=True)
    sha256 = ma.fields.String(required=True)
    mode = ma.fields.String(required=True)
    on_error = ma.fields.String(required=True)
    dry_run = ma.fields.Boolean(required=True)
    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    rows_total = ma.fields.Integer(required=True)
    rows_done = ma.fields.Integer(required=True)
    created = ma.fields.Integer(required=True)
    updated = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)
    refused = ma.fields.Integer(required=True)
    undone = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True, metadata={"description": "Records that an undo had to leave as they were"})
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    finished_at = ma.fields.AwareDateTime(allow_none=True, required=True)


class ImportView(ImportRow):
    """An import with the columns of its file and the correlation id of all that it said."""

    columns = ma.fields.List(ma.fields.Nested(ImportedColumn), required=True)
    takes = ma.fields.List(
        ma.fields.Nested(ImportedField), required=True, metadata={"description": "All that columns may be"}
    )
    story = ma.fields.String(required=True, metadata={"description": "The correlation id of the import's events"})


class FaultRow(View):
    """Why a row was refused, or why a record could not be taken back."""

    row = ma.fields.Integer(required=True, metadata={"description": "As an editor counts; 0: the whole file"})
    column = ma.fields.String(required=True)
    record = ma.fields.String(required=True)
    value = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)


@dataclasses.dataclass(frozen=True)
class Told:
    """A job as its view shows it."""

    job: Row
    declared: Import

    @property
    def takes(self) -> Any:
        ordered = sorted(self.declared.columns.fields, key=lambda field: not field.is_required)
        return [_Field(one.name, *one.title, one.is_required) for one in ordered]

    @property
    def columns(self) -> Any:
        return [_Column(**one) for one in msgspec.json.decode(self.job.columns)]

    @property
    def story(self) -> str:
        return str(self.job.story)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.job, name)


class Fix(msgspec.Struct):
    """A cell as somebody put it right."""

    row: int
    column: str
    value: str


@dataclasses.dataclass(frozen=True)
class _Field:
    name: str
    title_zh: str
    title_en: str
    is_required: bool


@dataclasses.dataclass(frozen=True)
class _Column:
    header: str
    field: str | None


class Desk:
    """What may be done about the imports of one noun."""

    def __init__(self, declared: Import) -> None:
        self.declared = declared
        self.jobs = Listing(
            columns={
                name: import_job.c[name] for name in ("id", *FILE, *ASKED, "state", "reason", *COUNTS, *WHO_AND_WHEN)
            },
            key=import_job.c.id,
            owners=(import_job.c.owner_id,),
            where=(import_job.c.noun == declared.noun,),
            filters={
                "state": equal(import_job.c.state),
                "owner_id": equal(import_job.c.owner_id),
                "created_from": since(import_job.c.created_at),
                "created_to": until(import_job.c.created_at),
            },
            sorts={"id": import_job.c.id, "created_at": import_job.c.created_at},
            default_sort="-id",
            search=(import_job.c.file_name, import_job.c.reason),
        )
        self.faults = Listing(
            columns={name: import_fault.c[name] for name in ("row", "column", "record", "value", "reason")},
            key=import_fault.c.id,
            source=sa.join(import_fault, import_job, import_fault.c.import_id == import_job.c.id),
            owners=(import_job.c.owner_id,),
            where=(import_job.c.noun == declared.noun,),
            filters={"row": equal(import_fault.c.row)},
            sorts={"id": import_fault.c.id, "row": import_fault.c.row},
            default_sort="id",
            search=(import_fault.c.reason, import_fault.c.record),
        )

    def start_import(self, tx: Transaction, fields: Mapping[str, Any]) -> Told:
        """Hand in a file; the worker reads it and keeps its rows, part by part."""
        file: Uploaded = fields["file"]
        try:
            form = form_of(file.name, file.content)
        except Unreadable as error:
            raise wrong_field("/file", error.fault.reason) from error
        mapping, fixes = self._mapping(fields.get("mapping")), _fixes(fields.get("fixes"))
        row = {
            "noun": self.declared.noun,
            "story": event_id(),
            "file_name": file.name,
            "form": form.name,
            "encoding": form.encoding,
            "size_bytes": len(file.content),
            "sha256": file.sha256,
            **{name: fields[name] for name in ASKED},
            "mapping": encode(mapping),
            "columns": b"[]",
            "state": State.WAITING,
            "reason": "",
            "parts_total": 0,
            "parts_done": 0,
            **dict.fromkeys(COUNTS, 0),
            **_asked_by(tx),
            "owner_id": tx.principal.user_id,
            "owner_name": tx.principal.name,
            "created_at": tx.now,
        }
        import_id = tx.scalar(sa.insert(import_job).values(row).returning(import_job.c.id))
        tx.execute(sa.insert(import_file).values(import_id=import_id, content=file.content, fixes=encode(fixes)))
        return self.get_import(tx, import_id)

    def get_import(self, tx: Transaction, import_id: int) -> Told:
        """How far an import is. Raises NotFound."""
        return Told(self._job(tx, import_id), self.declared)

    def cancel_import(self, tx: Transaction, import_id: int) -> Told:
        """Stop: what was kept so far stays, and can be taken back."""
        job = self._job(tx, import_id, lock=True)
        if job.state not in OPEN:
            raise ImportClosed(import_id=import_id, state=job.state)
        tx.execute(_changing(import_id, state=State.CANCELLED, finished_at=tx.now))
        forget_content(tx, import_id)
        return self.get_import(tx, import_id)

    def undo_import(self, tx: Transaction, import_id: int) -> Told:
        """Take back what an import made and changed; records that were changed since stay as they are."""
        job = self._job(tx, import_id, lock=True)
        left = sa.select(import_change.c.record).where(
            import_change.c.import_id == import_id, import_change.c.outcome == ""
        )
        if job.state not in CAN_BE_UNDONE or tx.row(left.limit(1)) is None:
            raise NothingToUndo(import_id=import_id, state=job.state)
        tx.execute(_changing(import_id, state=State.UNDOING, finished_at=None, **_asked_by(tx)))
        return self.get_import(tx, import_id)

    def template(self, tx: Transaction, format: str, lang: Any) -> Download:
        """An empty file with the titles of all columns, required ones first."""
        form = FORMS[format]
        blocks, size = form.write(self.declared.columns.template(lang), [])
        return Download(name=f"{self.declared.noun}.{format}", kind=form.content_type, blocks=blocks, size=size)

    def _job(self, tx: Transaction, import_id: int, *, lock: bool = False) -> Row:
        mine = (import_job.c.id == import_id, import_job.c.noun == self.declared.noun)
        statement = sa.select(import_job).where(*mine, tx.principal.only_seen(import_job.c.owner_id))
        found = tx.row(statement.with_for_update() if lock else statement)
        if found is None:
            raise NotFound(detail=f"No import {import_id}")
        return found

    def _mapping(self, said: str | None) -> dict[str, str | None]:
        """Which title is which field, as the client says it. Raises Invalid."""
        try:
            found = msgspec.json.decode(said or "{}", type=dict[str, str | None])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise wrong_field("/mapping", "Not a JSON object of titles and fields") from error
        if unknown := self.declared.columns.must_know(list(found.values())):
            raise wrong_field("/mapping", f"There is no field {unknown[:100]!r}")
        return found


def _fixes(said: str | None) -> dict[int, dict[str, str]]:
    """What is to stand where. Raises Invalid."""
    try:
        found = msgspec.json.decode(said or "[]", type=list[Fix])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong_field("/fixes", "Not a JSON list of rows, columns and values") from error
    if len(found) > MOST_FIXES:
        raise wrong_field("/fixes", f"More than {MOST_FIXES} cells: correct them in the file")
    fixes: dict[int, dict[str, str]] = {}
    for one in found:
        fixes.setdefault(one.row, {})[one.column] = one.value
    return fixes


def _asked_by(tx: Transaction) -> dict[str, Any]:
    return {"asker": encode(claims_of(tx.principal)), "attempts": 0, "due_at": tx.now}


def _changing(import_id: int, **values: Any) -> sa.Update:
    return sa.update(import_job).where(import_job.c.id == import_id).values(values)


def routes_of(*imports: Import) -> list[Route]:
    """The endpoints for the imports of some nouns."""
    return [route for declared in imports for route in _routes(declared)]


def _routes(declared: Import) -> list[Route]:
    desk, needs = Desk(declared), declared.needs
    all_, one = f"/{declared.noun}/imports", f"/{declared.noun}/imports/<int:import_id>"
    return [
        Route(method="POST", path=all_, calls=desk.start_import, takes=ImportOrder, gives=ImportView, needs=needs,
              status=202),
        Route(method="GET", path=all_, lists=desk.jobs, gives=ImportRow, needs=needs),
        Route(method="GET", path=all_ + "/template", calls=desk.template, asks=TemplateQuery, needs=needs,
              files=[form.content_type for form in FORMS.values()]),
        Route(method="GET", path=one, calls=desk.get_import, gives=ImportView, needs=needs),
        Route(method="GET", path=one + "/faults", lists=desk.faults, gives=FaultRow, needs=needs,
              within={"import_id": import_fault.c.import_id}),
        Route(method="POST", path=one + "/cancellation", calls=desk.cancel_import, gives=ImportView, needs=needs,
              refuses=(ImportClosed,), most_statements=8),  # the job, its parts and its file: what is not done goes
        Route(method="POST", path=one + "/undo", calls=desk.undo_import, gives=ImportView, needs=needs, status=202,
              refuses=(NothingToUndo,)),
    ]  # fmt: skip
