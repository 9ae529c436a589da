"""The dictionary as a service knows it: heard once, twice, late; asked about values, batches and trees."""

from __future__ import annotations

import pytest

from chassis import dictionary
from chassis.dictionary import ItemAdded, ItemEdited, ItemRemoved, ValueUnknown
from chassis.testing.stage import Stage

REGION = "region"


def item(number: int, value: str, parent: str = "") -> ItemAdded:
    return ItemAdded(item_id=number, kind=REGION, value=value, parent=parent, text=value)


def values(stage: Stage) -> set[str]:
    with stage.doing() as tx:
        return dictionary.known(tx, REGION, ["north", "north-west", "south"])


def test_a_value_is_known_once_heard_and_forgotten_once_removed(stage: Stage) -> None:
    stage.hears(item(1, "north"), times=2)
    assert values(stage) == {"north"}

    stage.hears(ItemRemoved(item_id=1), times=2)
    assert values(stage) == set()


def test_an_old_value_that_arrives_late_does_not_come_back(stage: Stage) -> None:
    added = stage.says(item(1, "north"))
    edited = stage.says(ItemEdited(item_id=1, kind=REGION, value="south", text="South"))

    stage.takes(edited)
    stage.takes(added)

    assert values(stage) == {"south"}


def test_an_unknown_value_is_a_wrong_field(stage: Stage) -> None:
    stage.hears(item(1, "north"), ItemAdded(item_id=2, kind="service type", value="east"))

    with stage.doing() as tx:
        dictionary.must_be_known(tx, REGION, "north", "/region")
        with pytest.raises(ValueUnknown) as refused:
            dictionary.must_be_known(tx, REGION, "east", "/region")
    assert [error["pointer"] for error in refused.value.errors] == ["/region"]


def test_only_a_leaf_of_a_tree_can_be_chosen(stage: Stage) -> None:
    stage.hears(item(1, "north"), item(2, "north-west", parent="north"))

    with stage.doing() as tx:
        dictionary.must_be_leaf(tx, REGION, "north-west", "/region")
        with pytest.raises(ValueUnknown, match="dictionary") as refused:
            dictionary.must_be_leaf(tx, REGION, "north", "/region")
        with pytest.raises(ValueUnknown):
            dictionary.must_be_leaf(tx, REGION, "nowhere", "/region")
    assert "below this one" in refused.value.errors[0]["detail"]


def test_the_newest_value_of_a_setting_comes_first(stage: Stage) -> None:
    stage.hears(item(1, "6"), item(2, "9"))

    with stage.doing() as tx:
        assert dictionary.newest(tx, REGION) == ["9", "6"]
