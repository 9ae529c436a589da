"""What becomes of an event when somebody in it is erased: the names go, all else stays, wherever a copy lies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis.blanking import Wanted, blanked, hits_by_name, marks_by_name, wanted
from chassis.events import Change, Envelope, Event, encode, on_the_wire, open_envelope
from chassis.personal import Subject, free_text, marks_of, personal, whoever
from tests.toy import Base
from tests.toy_person import ChildCame, ChildRenamed

MARKS = {kind.event_type: marks_of(kind, Base.metadata) for kind in (ChildCame, ChildRenamed)}
MIA, TOM, ADA = Subject("child", "1"), Subject("child", "2"), Subject("user", "7")
CAME = ChildCame(child_id=1, name="Mia", carer_id=7, carer_name="Ada", story="Mia has a cat", cots=3)


def stored(event: Event, *, authid: str = "7", authname: str = "Ada", subject: str = "child/1") -> bytes:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return encode(
        Envelope(
            id="0190a0a0-0000-7000-8000-000000000001",
            type=event.event_type,
            source="/crm/nursery",
            subject=subject,
            time=monday,
            partitionkey=subject,
            aggregateversion=4,
            recordedtime=monday,
            correlationid="story",
            authtype="user",
            authid=authid,
            authname=authname,
            data=msgspec.Raw(encode(event)),
        )
    )


def without(raw: bytes, *whom: Subject, texts: bool = False) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(blanked(raw, MARKS, wanted((one, texts) for one in whom)).raw)
    return document


def test_an_erased_child_has_no_name_and_everything_else_stays() -> None:
    before, after = json.loads(stored(CAME)), without(stored(CAME), MIA)

    assert after["data"].pop("name") == ""
    assert after.pop("erased") == ["child/1"]
    del before["data"]["name"]
    assert after == before


def test_nobody_elses_event_is_touched() -> None:
    raw = stored(CAME)

    assert blanked(raw, MARKS, wanted([(TOM, True), (Subject("user", "8"), True)])).raw is raw
    assert blanked(raw, MARKS, Wanted()).raw is raw


def test_whoever_acted_is_erased_from_the_envelope_and_from_the_event() -> None:
    after = without(stored(CAME), ADA)

    assert (after["authname"], after["authid"], after["data"]["carer_name"], after["data"]["carer_id"]) == (
        "", "7", "", 7,
    )  # fmt: skip
    assert after["data"]["name"] == "Mia"


def test_free_text_goes_only_on_request() -> None:
    assert without(stored(CAME), MIA)["data"]["story"] == "Mia has a cat"
    assert without(stored(CAME), MIA, texts=True)["data"]["story"] == ""


def test_old_and_new_names_among_the_changes_go_too() -> None:
    changes = {"name": Change("Mya", "Mia"), "nickname": Change(None, "Mimi"), "cots": Change(1, 2)}
    renamed = ChildRenamed(child_id=1, name="Mia", carer_id=7).with_changes(changes)

    after = without(stored(renamed), MIA)["data"]

    assert after["changes"]["name"] == {"old": "", "new": ""}
    assert after["changes"]["nickname"] == {"old": None, "new": ""}
    assert after["changes"]["cots"] == {"old": 1, "new": 2}


def test_of_a_handing_over_only_the_name_of_whom_it_is_about_goes() -> None:
    changes = {"carer_id": Change(7, 8), "carer_name": Change("Ada", "Bo")}
    handed_over = ChildRenamed(child_id=1, name="Mia", carer_id=8).with_changes(changes)
    raw = stored(handed_over, authid="9", authname="Eve")

    assert without(raw, ADA)["data"]["changes"]["carer_name"] == {"old": "", "new": "Bo"}
    assert without(raw, Subject("user", "8"))["data"]["changes"]["carer_name"] == {"old": "Ada", "new": ""}


def test_a_changed_name_whose_owner_did_not_change_belongs_to_the_one_in_the_event() -> None:
    corrected = ChildRenamed(child_id=1, name="Mia", carer_id=7).with_changes({"carer_name": Change("Ade", "Ada")})
    raw = stored(corrected, authid="9", authname="Eve")

    assert without(raw, ADA)["data"]["changes"]["carer_name"] == {"old": "", "new": ""}
    assert blanked(raw, MARKS, wanted([(Subject("user", "8"), False)])).raw is raw


def test_a_name_of_which_nobody_can_say_whose_it_is_goes() -> None:
    document = json.loads(stored(ChildRenamed(child_id=1, name="Mia", carer_id=7), authid="9", authname="Eve"))
    del document["data"]["carer_id"]
    document["data"]["changes"] = {"carer_name": {"old": "Ada", "new": "Bo"}}

    after = without(json.dumps(document).encode(), Subject("user", "8"))

    assert after["data"]["changes"]["carer_name"] == {"old": "", "new": ""}
    assert after["erased"] == ["user/?"]


def test_erasing_twice_is_erasing_once_and_a_second_person_is_added() -> None:
    once = blanked(stored(CAME), MARKS, wanted([(MIA, False)])).raw

    assert blanked(once, MARKS, wanted([(MIA, False)])).raw is once
    assert without(once, MIA, ADA)["erased"] == ["child/1", "user/7"]


def test_what_was_there_is_told_to_whoever_has_to_look_elsewhere() -> None:
    assert blanked(stored(CAME), MARKS, wanted([(ADA, False)])).hits == [("user/7", "Ada"), ("user/7", "Ada")]


@pytest.mark.parametrize("raw", [b"\xff\x00", b"[1]", b'"text"', b"{"])
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        blanked(raw, MARKS, wanted([(MIA, False)]))


@pytest.mark.parametrize("damage", ["data", "authid", "subject", "type"])
def test_an_event_that_lacks_a_part_is_cleaned_as_far_as_it_goes(damage: str) -> None:
    document = json.loads(stored(CAME))
    del document[damage]

    blanked(json.dumps(document).encode(), MARKS, wanted([(MIA, False), (ADA, False)]))


def test_of_a_type_that_nobody_knows_at_least_the_actor_goes() -> None:
    document = json.loads(stored(CAME)) | {"type": "crm.nursery.child.weighed"}

    after = without(json.dumps(document).encode(), MIA, ADA)

    assert (after["authname"], after["data"]["name"]) == ("", "Mia")


names = some.text(max_size=20)
events = some.builds(
    ChildCame,
    child_id=some.integers(1, 3),
    name=names,
    carer_id=some.integers(6, 8),
    carer_name=names,
    story=names,
    cots=some.integers(0, 9),
)
people = some.lists(some.tuples(some.sampled_from([MIA, TOM, ADA]), some.booleans()), max_size=4)


@given(events, people, some.integers(1, 10**9), some.integers(1, 9))
def test_a_copy_on_its_way_is_blanked_to_the_same_bytes(event: Event, who: Any, position: int, epoch: int) -> None:
    raw, erased = stored(event, subject=f"child/{event.aggregate_id()}"), wanted(who)

    on_its_way = blanked(on_the_wire(raw, position, epoch), MARKS, erased).raw
    in_the_log = on_the_wire(blanked(raw, MARKS, erased).raw, position, epoch)

    assert on_its_way == in_the_log
    opened = open_envelope(on_its_way)
    assert (opened.aggregateversion, opened.position, opened.logepoch) == (4, position, epoch)


@given(events, people)
def test_counts_and_ids_are_never_touched(event: Any, who: Any) -> None:
    after = without(stored(event), *(one for one, _ in who), texts=True)["data"]

    assert (after["child_id"], after["carer_id"], after["cots"]) == (event.child_id, event.carer_id, event.cots)


def test_in_other_documents_a_field_is_known_by_its_neighbour() -> None:
    document = {"who": [{"child_id": 1, "name": "Mia"}, {"child_id": 2, "name": "Tom"}], "name": "a diary"}

    [hit] = hits_by_name(document, marks_by_name(MARKS), wanted([(MIA, False)]))

    assert (hit.pointer, hit.value, hit.subjects) == ("/who/0/name", "Mia", ["child/1"])


# Whoever a field says


class NoteMade(Event, type="nursery.note.made"):
    """Somebody wrote about somebody, and whom he or she met."""

    note_id: int
    about: str
    about_id: int
    text: Annotated[str, free_text(whoever("about", "about_id"), note="note_id")]
    met: Annotated[Sequence[str], personal(whoever("about", "about_id"))]


NOTE = NoteMade(note_id=5, about="child", about_id=1, text="Mia sang", met=("Mia", "Tom"))
NOTED = {NoteMade.event_type: marks_of(NoteMade, Base.metadata)}


@pytest.mark.parametrize(
    ("who", "texts", "text", "met"),
    [
        (MIA, False, "Mia sang", ["", ""]),
        (MIA, True, "", ["", ""]),
        (Subject("note", "5"), True, "", ["Mia", "Tom"]),
        (Subject("note", "5"), False, "Mia sang", ["Mia", "Tom"]),
        (Subject("user", "1"), True, "Mia sang", ["Mia", "Tom"]),
        (TOM, True, "Mia sang", ["Mia", "Tom"]),
    ],
)
def test_a_field_belongs_to_whoever_another_one_names(who: Subject, texts: bool, text: str, met: list[str]) -> None:
    after = json.loads(blanked(stored(NOTE), NOTED, wanted([(who, texts)])).raw)

    assert (after["data"]["text"], after["data"]["met"]) == (text, met)
    assert after["data"]["about"] == "child"


def test_a_list_that_was_blanked_is_not_blanked_again() -> None:
    once = blanked(stored(NOTE), NOTED, wanted([(MIA, True)]))

    assert blanked(once.raw, NOTED, wanted([(MIA, True)])).raw is once.raw


def test_whoever_acted_is_known_by_the_id_beside_the_name() -> None:
    document = {"by": {"user_id": 7, "name": "Ada"}, "asker": {"sub": "7", "name": "Ada", "team": [7]}, "name": "Mia"}

    hits = list(hits_by_name(document, marks_by_name(MARKS), wanted([(ADA, False)])))
    for hit in hits:
        hit.blank()

    assert [hit.pointer for hit in hits] == ["/by/name", "/asker/name"]
    assert document["asker"] == {"sub": "7", "name": "", "team": [7]}
    assert document["name"] == "Mia"
