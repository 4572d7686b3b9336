"""The page of entities lists what there is."""

from .entities_page import PAGE, page


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.integration.entities_page"
