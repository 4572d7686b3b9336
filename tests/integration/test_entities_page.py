"""The pages that are generated from tables are what the tables say."""

from . import energy_page
from .entities_page import PAGE, page


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.integration.entities_page"


def test_the_energy_page_is_what_the_table_says() -> None:
    text = energy_page.PAGE.read_text()
    assert text == energy_page.page(), "run python -m tests.integration.energy_page"
