"""Every column of every file has a title in Chinese and in English, and no two columns of a file have the same."""

from __future__ import annotations

import pytest

from chassis.exporting import Export
from chassis.routes import Route
from chassis.titles import Titles
from guanxi import registry

SERVICES = registry.load_all()
FILES = {
    f"{name} {route.path}": (Titles(service.titles), route)
    for name, service in SERVICES.items()
    for route in service.routes
    if route.is_exported
}


@pytest.mark.parametrize("name", FILES)
def test_every_column_of_a_file_has_its_own_title_in_both_languages(name: str) -> None:
    titles, route = FILES[name]

    found = {field: titles.find(route.noun, field) for field in Export(route, titles).fields}

    assert [field for field, title in found.items() if title is None] == []
    for language in (0, 1):
        words = [title[language] for title in found.values() if title]
        assert sorted(words) == sorted(set(words))


IMPORTS = {declared.noun: declared for service in SERVICES.values() for declared in service.imports}


@pytest.mark.parametrize("noun", IMPORTS)
def test_every_column_of_an_import_can_be_told_by_its_title_in_both_languages(noun: str) -> None:
    titles, fields = Titles(IMPORTS[noun].titles), IMPORTS[noun].columns.fields

    assert [field.name for field in fields if titles.find(noun, field.name) is None] == []
    for language in (0, 1):
        assert len({field.title[language].casefold() for field in fields}) == len(fields)


def test_what_is_imported_is_served_and_has_the_right_of_its_bulk_endpoint() -> None:
    for service in SERVICES.values():
        served = {route.path: route.needs for route in service.routes if route.method == "POST"}
        for declared in service.imports:
            assert served[f"/{declared.noun}/imports"] == served[f"/{declared.noun}/bulk"] == declared.needs


def test_every_list_is_exported_unless_it_says_so() -> None:
    lists: list[Route] = [route for service in SERVICES.values() for route in service.routes if route.lists]
    reports = [route for route in SERVICES["reporting"].routes if route.path.startswith("/reports")]

    assert [route.path for route in lists if not route.is_exported and route.exports is not False] == []
    assert [route.path for route in reports if not route.is_exported and route.exports is not False] == []
