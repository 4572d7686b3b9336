"""Every language has texts of English, with their placeholders, and leaves nothing in English.

What is asked of English itself is in `test_data_files.py`. That no text is missing is asked at a
release, by `scripts/release texts`.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import hass_frontend
import pytest

from .same_as_english import EVERYWHERE, SAME
from .test_data_files import ENGLISH, INTEGRATION, PLACEHOLDER, leaves

FOLDER = INTEGRATION / "translations"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "en")
SUBMIT = "**Submit**"
SUBMIT_KEYS = {"ui.panel.config.integrations.config_flow.submit", "ui.common.submit"}
NAMED_IN_TEXTS = {
    "exceptions.override_clock_off.message": "entity.button.sync_clock.name",
    "exceptions.slot_without_length.message": "services.clear_slot.name",
}
"""Texts that contain the name of an entity or action, and the text with that name."""

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


@cache
def translation(language: str) -> dict[str, str]:
    """Return the texts of a language by their keys, joined with dots."""
    tree = json.loads((FOLDER / f"{language}.json").read_text())
    return {".".join(path): text for path, text in leaves(tree)}


ENGLISH_TEXTS = {".".join(path): text for path, text in leaves(ENGLISH)}


def compared(language: str) -> list[tuple[str, str, str]]:
    """Return key, English text and translation of every text that both have."""
    texts = translation(language)
    return [(key, text, texts[key]) for key, text in ENGLISH_TEXTS.items() if key in texts]


def test_keys_are_in_english_too(language: str) -> None:
    assert sorted(translation(language).keys() - ENGLISH_TEXTS.keys()) == []


def test_placeholders_are_those_of_english(language: str) -> None:
    differ = {
        key: text
        for key, english, text in compared(language)
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(english))
    }
    assert differ == {}


def test_nothing_is_left_in_english(language: str) -> None:
    allowed = SAME.get(language, EVERYWHERE)
    same = {
        english: key
        for key, english, text in compared(language)
        if text == english and re.search(r"[^\W\d_]", PLACEHOLDER.sub("", text))
    }
    assert {text: key for text, key in same.items() if text not in allowed} == {}
    assert allowed - same.keys() == set(), "no longer the same as English"


def test_texts_are_clean(language: str) -> None:
    """No reference, which Home Assistant does not resolve here, and no typing error."""
    faults = {
        "reference, link or tag": r"\[%key|https?://|www\.|<[a-z/]",
        "quote before a placeholder, which hides it": r"'[{}]|''",
        "two spaces": r"[ \u00a0\u202f]{2}",
        "space at an end": r"^\s|\s$",
        "space before a mark": r"\s[.,)]",
        "no space after a mark": r"[^\W\d_][,;][^\W\d_]",
        "unknown brace": r"{(?![a-z_]+})|(?<!{)\b[a-z_]+}$",
        "nothing": r"^$",
    }
    found = [
        (key, fault, text)
        for key, text in translation(language).items()
        for fault, pattern in faults.items()
        if re.search(pattern, text)
    ]
    assert found == []


def test_texts_have_the_form_of_english(language: str) -> None:
    """The same end, paragraphs, emphasis and numbers; a capital where English has one."""
    differ = [
        (key, english, text)
        for key, english, text in compared(language)
        if (english[-1] in ".?") != (text[-1] in ".?")
        or english.count("\n") != text.count("\n")
        or english.count("**") != text.count("**")
        or Counter(re.findall(r"\d+", english)) - Counter(re.findall(r"\d+", text))
        or (english[0].isupper() and text[0].islower())
    ]
    assert differ == []


def test_buttons_are_called_as_on_the_screen(language: str) -> None:
    labels = {f"**{label}**" for label in submit_labels(language)}
    for key, english, text in compared(language):
        if SUBMIT in english:
            assert any(label in text for label in labels), (key, labels)


def submit_labels(language: str) -> set[str]:
    """Return what the frontend calls the button that submits a form."""
    folder = Path(str(hass_frontend.where())) / "static" / "translations"
    labels: set[str] = set()
    for path in folder.rglob(f"{language}-*.json"):
        words: dict[str, str] = json.loads(path.read_text())
        labels |= {words[key] for key in SUBMIT_KEYS if key in words}
    assert labels
    return labels


def test_names_in_texts_are_those_on_the_screen(language: str) -> None:
    texts = translation(language)
    for key, name in NAMED_IN_TEXTS.items():
        assert ENGLISH_TEXTS[name] in ENGLISH_TEXTS[key]
        assert texts[name] in texts[key], key
