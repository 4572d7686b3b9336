"""The page about hardware is made of the tables that the tests use."""

import pytest

from tests.library.hardware_page import PAGE, filled


def test_its_tables_are_the_tests_own() -> None:
    page = PAGE.read_text()
    assert page == filled(page), "run python -m tests.library.hardware_page"


def test_a_page_without_its_marks_is_noticed() -> None:
    with pytest.raises(ValueError, match="no section differences"):
        filled("# Hardware")
