"""Nothing personal is forgotten: whatever looks like a person's name, number or address is marked, and so is free text.

A field that is neither personal nor free text although it looks so stands below, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events import Event, contract_name
from chassis.flowing import DEADLINE
from chassis.handing_over import NEXT_PIECE
from chassis.personal import BLANK, ITSELF, KIND_IN, MARK, Marked, marked_columns, marks_of, owned_kinds
from guanxi import contracts, registry
from identity.erasure.model import KINDS, PEOPLE
from identity.flows import SERVICES as ERASING
from identity.flows import TRACERS

SERVICES = registry.load_all()
EVENTS = [(service, event) for service in SERVICES.values() for event in service.says]
PERSONAL = re.compile(
    r"(^|_)(name|login|e?mail|phone|mobile|tel|fax|address|street|zip|postal_code|sex|gender|birth\w*|age|person"
    r"|website|licence_no|tax_no|bank|bank_account|position|nickname|signature|photo|ip)(_|$)"
)
FREE_TEXT = re.compile(
    r"(^|_)(description|memo|note|text|reason|handling|result|measure|todo|title|comment|remark|place|source|detail"
    r"|error|outcome|value)(_|$)"
)
NOT_PERSONAL = {
    "name": {
        "crm.identity.role.created": "a role's",
        "crm.identity.role.edited": "a role's",
        "crm.identity.unit.created": "a unit's",
        "crm.identity.unit.edited": "a unit's",
        "crm.identity.unit.moved": "a unit's",
        "crm.customer.product.listed": "a product's",
        "crm.customer.product.edited": "a product's",
        "crm.customer.product.retired": "a product's",
        "crm.customer.product.resumed": "a product's",
        "crm.marketing.pipeline.set": "a pipeline's, or a stage's",
    },
    "name_en": {"crm.marketing.pipeline.set": "a pipeline's, or a stage's"},
    "text": {
        "crm.identity.dictionary.item-added": "a word of the dictionary",
        "crm.identity.dictionary.item-edited": "a word of the dictionary",
    },
    "text_en": {
        "crm.identity.dictionary.item-added": "a word of the dictionary",
        "crm.identity.dictionary.item-edited": "a word of the dictionary",
    },
    "value": {f"crm.identity.dictionary.item-{fact}": "a word's code" for fact in ("added", "edited", "removed")},
    "place": {
        "crm.customer.stock.counted": "a shelf in a warehouse",
        "crm.customer.stock.adjusted": "a shelf in a warehouse",
        "crm.customer.stock.removed": "a shelf in a warehouse",
    },
    "reason": {
        "crm.identity.session.ended": "a code",
        "crm.identity.sign-in.failed": "a code",
        "crm.customer.link.refused": "made up by us, never by people: how long a name may be",
        "crm.customer.intake.refused": "made up by us, never by people: which rule a lead breaks",
        "crm.customer.stock.adjusted": "why there are more or fewer goods on a shelf",
    },
}
"""Fields of events, by type."""
NOT_PERSONAL_COLUMNS = {
    "sys_role.name": "a role's",
    "sys_role.description": "of a role",
    "sys_right.text": "of a right",
    "sys_unit.name": "a unit's",
    "unit.name": "a unit's",
    "unit_fact.name": "a unit's",
    "unit_fact_past.name": "a unit's",
    "subscription.source": "a service",
    "sys_right.text_en": "of a right",
    "sys_right.position": "a place in a list",
    "bas_dict.text": "a word of the dictionary",
    "bas_dict.text_en": "a word of the dictionary",
    "bas_dict.value": "a word's code",
    "dictionary_copy.value": "a word's code",
    "bas_dict.position": "a place in a list",
    "dictionary_copy.text": "a word of the dictionary",
    "product.name": "a product's",
    "product.memo": "about a product",
    "storage.place": "a shelf in a warehouse",
    "storage.memo": "about a shelf in a warehouse",
    "dictionary_copy.text_en": "a word of the dictionary",
    "sal_pipeline.name": "a pipeline's",
    "sal_stage.name": "a stage's",
    "sal_stage.name_en": "a stage's",
    "sal_stage.required_text": "names of fields",
    "cst_calendar.week_text": "hours",
    "cst_calendar.days_off_text": "dates",
    "cst_calendar.extra_days_text": "dates and hours",
    "customer_intake.reason": "made up by us, never by people: which rule a lead breaks",
    "link_refusal.reason": "made up by us, never by people: how long a name may be",
    "event_log.position": "a number",
    "inbox.position": "a number",
    "report_log.position": "a number",
    "report_log.source": "a service",
    "relay_quarantine.position": "a number",
    "relay_quarantine.reason": "the broker's",
    "inbox.source": "a service",
    "inbox_stream.source": "a service",
    "inbox_position.source": "a service",
    "parked_event.source": "a service",
    "parked_event.reason": "a code",
    "parked_event.error_class": "a class",
    "parked_event.error": "goes with the event beside it",
    "parked_event.note": "goes with the event beside it",
    "parked_failure.error": "goes with the event that it is about",
    "parked_failure.error_class": "a class",
    "parked_failure.place": "a place in the code",
    "parked_failure.reason": "a code",
    "operator_action.source": "a service",
    "consumer_state.breaker_error": "every erasure leaves only the class",
    "consumer_state.pause_reason": "about a consumer",
    "import_job.file_name": "a file's",
    "import_job.on_error": "a code",
    "import_job.reason": "goes with every erasure when it tells of a failure",
    "import_fault.reason": "goes with every erasure",
    "import_fault.value": "goes with every erasure",
    "import_change.outcome": "a code",
    "scheduled_job.name": "a job's",
    "scheduled_job.outcome": "goes with every erasure when it tells of a failure",
    "scheduled_message.name": "a timer's",
    "scheduled_message.error": "goes with every erasure",
    "number_series.name": "a series'",
    "flow.reason": "text about what the flow is about: Flow.about",
    "flow_step.detail": "text about what the flow is about: Flow.about",
    "flow_step.outcome": "a code",
}


BYTES = {
    "idempotency_key.headers": "addresses and versions",
    "idempotency_key.body": "emptied by every erasure",
    "attachment_block.content": "goes when the file's row is blank",
    "import_file.content": "there until the import is over",
    "import_file.fixes": "there until the import is over",
    "import_part.rows": "there until the import is over",
    "import_job.columns": "titles of columns",
    "import_job.mapping": "titles of columns",
}
LISTS = {"webhook.events": "types of events", "cst_customer.tags": "words of the dictionary"}
NOTHING_CHANGES = re.compile(r"\.(deleted|removed|file-attached|file-removed)$")
"""Their ``changes`` are always empty."""


def fields_of(event: type[Event]) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = json.loads((contracts.FOLDER / contract_name(event)).read_text())
    yield from schema["properties"].items()
    for part in schema.get("$defs", {}).values():
        yield from part.get("properties", {}).items()


def marked(part: dict[str, Any]) -> bool:
    return any(isinstance(one.get(word), dict) for one in (part, *part.get("anyOf", ())) for word in WORDS)


def may_be_text(part: dict[str, Any]) -> bool:
    return any(one.get("type", "string") in ("string", "array") for one in part.get("anyOf", [part]))


WORDS = ("x-personal", "x-free-text")


def unmarked(event: type[Event], fields: Iterator[tuple[str, dict[str, Any]]]) -> list[str]:
    return [
        name
        for name, part in fields
        if (PERSONAL.search(name) or FREE_TEXT.search(name))
        and may_be_text(part)
        and not marked(part)
        and event.event_type not in NOT_PERSONAL.get(name, {})
    ]


@pytest.mark.parametrize(("_service", "event"), EVENTS, ids=lambda one: getattr(one, "event_type", ""))
def test_an_event_marks_whatever_looks_personal(_service: Any, event: type[Event]) -> None:
    assert unmarked(event, fields_of(event)) == [], "mark it with personal(…) or free_text(…), or say why not"


def test_the_look_bites() -> None:
    """A name, a phone and a memo that nobody marked are noticed, also when they may be empty."""

    class ChildCame(Event, type="nursery.child.came-unmarked"):
        """Somebody forgot to say whose these are."""

        child_id: int
        full_name: str
        mother_phone: str | None
        memo: str

    plain = {"type": "string"}
    names = ("child_id", "full_name", "mother_phone", "memo", "username_no", "stage")
    assert unmarked(ChildCame, iter((name, plain) for name in names)) == ["full_name", "mother_phone", "memo"]
    assert unmarked(ChildCame, iter([("full_name", plain | {"x-personal": True})])) == ["full_name"]
    assert unmarked(ChildCame, iter([("full_name", plain | {"x-personal": {"child": "child_id"}})])) == []


def columns() -> Iterator[tuple[str, sa.Column[Any]]]:
    for service in SERVICES.values():
        for table in service.metadata.sorted_tables:
            yield from ((f"{table.name}.{column.name}", column) for column in table.columns)


def test_a_table_marks_whatever_looks_personal() -> None:
    suspicious = {
        place: column
        for place, column in columns()
        if isinstance(column.type, sa.String) and (PERSONAL.search(column.name) or FREE_TEXT.search(column.name))
    }
    handled = {place for place, column in suspicious.items() if MARK in column.info or column.info.get("user_name")}

    assert set(suspicious) - handled - set(NOT_PERSONAL_COLUMNS) == set()
    assert len(handled) > 40
    assert {place for place in NOT_PERSONAL_COLUMNS if place in handled} == set(), "marked after all"
    known = {place for place, _ in columns()}
    assert set(NOT_PERSONAL_COLUMNS) - known == set(), "there is no such column any more"


def test_bytes_that_may_hold_an_event_or_a_document_are_known() -> None:
    """Whatever else is kept as bytes has to be thought of in ``sweeping``."""
    blobs = {place for place, column in columns() if isinstance(column.type, sa.LargeBinary)}
    known = {place for place, column in columns() if column.info.get("envelope") or column.info.get("document")}

    assert blobs == known | set(BYTES)
    objects = {place: column.info for place, column in columns() if isinstance(column.type, sa.JSON)}
    assert {place for place, info in objects.items() if not (info.get("event_data") or MARK in info)} == set(LISTS)


@pytest.mark.parametrize(("service", "event"), EVENTS, ids=lambda one: getattr(one, "event_type", ""))
def test_whose_a_field_is_can_be_found_in_the_event(service: Any, event: type[Event]) -> None:
    names = {name for name, _ in fields_of(event)}
    marks = marks_of(event, service.metadata)

    assert {by for by in keys_of(marks.fields)} - names == set()
    # a user's id changes together with the name, so it stands among the changes at least
    lost = {by for by in keys_of(marks.changes, but="user") if by != ITSELF} - names
    assert lost == set() or NOTHING_CHANGES.search(event.event_type), (
        "nobody could say whose the changed value is, so it would go with everybody"
    )


def keys_of(marks: Marked, but: str = "") -> set[str]:
    return {by for mark in marks.values() for kind, by in mark.whose.items() if kind != but}


@pytest.mark.parametrize(("_service", "event"), EVENTS, ids=lambda one: getattr(one, "event_type", ""))
def test_only_text_that_may_be_empty_is_personal(_service: Any, event: type[Event]) -> None:
    kinds = {
        one.get("type")
        for _, part in fields_of(event)
        if marked(part) and part.get("type") != "object"
        for one in part.get("anyOf", [part])
    }

    assert kinds <= {"string", "array", "null"}, "a blanked number or date could not be read any more"


def test_a_list_is_personal_only_when_it_holds_texts() -> None:
    for _, event in EVENTS:
        for name, part in fields_of(event):
            for one in part.get("anyOf", [part]) if marked(part) else ():
                if one.get("type") == "array":
                    assert one["items"] == {"type": "string"}, f"{event.event_type} {name}"


def test_every_column_names_a_key_that_is_there() -> None:
    for service in SERVICES.values():
        for table in service.metadata.sorted_tables:
            for name, mark in marked_columns(table).items():
                beside = {*mark.whose.values(), *(kind[1:] for kind in mark.whose if kind.startswith(KIND_IN))}
                assert beside <= set(table.columns.keys()), f"{table.name}.{name}"
                is_text = isinstance(table.c[name].type, sa.String)
                assert is_text or BLANK in table.c[name].info, f"{table.name}.{name}: say what it is when it is blank"


def test_identity_knows_every_kind_of_subject_and_who_keeps_it() -> None:
    known = [marks_of(event, service.metadata) for service, event in EVENTS]
    named = {
        kind for one in known for marks in (one.fields, one.changes) for mark in marks.values() for kind in mark.whose
    }
    used = {kind for kind in named if not kind.startswith(KIND_IN)}
    owners = {kind: name for name, service in SERVICES.items() for kind in owned_kinds(service.metadata)}

    assert used == set(KINDS) == set(owners)
    assert set(PEOPLE) <= used
    assert set(owners.values()) == set(TRACERS)


def test_every_service_takes_part_in_an_erasure() -> None:
    assert set(ERASING) == set(SERVICES)
    for service in SERVICES.values():
        assert service.personal
        assert "erasure" in service.all_reactions().aggregates()["identity"]
        assert service.personal.is_file()


def test_who_listens_knows_what_is_personal_in_all_that_it_hears() -> None:
    for service in SERVICES.values():
        for source, kinds in service.all_reactions().aggregates().items():
            for event in SERVICES[source].says:
                if event.aggregate_type in kinds:
                    expected = SERVICES[source].marks()[event.event_type]
                    assert service.marks().get(event.event_type, type(expected)()) == expected, event.event_type


def test_messages_to_ourselves_hold_ids_only() -> None:
    """A timer that carries more has to say so, and to be thought of here."""
    assert {name for service in SERVICES.values() for name in service.all_timers()} == {DEADLINE, NEXT_PIECE}
