"""Edits of a text: each stretch is claimed by the first rule that recognizes it."""

from collections.abc import Callable, Sequence


class TextEdits:
    """A text with replacements that do not overlap."""

    def __init__(self, text: str) -> None:
        """Start with nothing claimed."""
        self.text = text
        self._claimed = bytearray(len(text))
        self._replacements: dict[int, tuple[int, str]] = {}

    def is_free(self, start: int, end: int) -> bool:
        """Return whether no rule has claimed any part of a stretch."""
        return not any(self._claimed[start:end])

    def claim(self, start: int, end: int) -> None:
        """Leave a stretch as it is, but for replacements made by its owner."""
        self._claimed[start:end] = b"\1" * (end - start)

    def replace(self, start: int, end: int, new: str) -> None:
        """Replace a stretch, and claim it."""
        self.claim(start, end)
        self._replacements[start] = (end, new)

    def ends_claim(self, at: int) -> bool:
        """Return whether a claimed stretch ends before a place."""
        return bool(self._claimed[at - 1]) and not self._claimed[at]

    def replace_hex(self, places: Sequence[int], digits: str) -> None:
        """Write hexadecimal digits over others, in the case found there."""
        is_upper = any(self.text[place] in "ABCDEF" for place in places)
        for place, digit in zip(places, digits, strict=True):
            if self.text[place].lower() != digit.lower():
                self.replace(place, place + 1, digit.upper() if is_upper else digit.lower())

    def result(self, plain: Callable[[str], str]) -> str:
        """Return the edited text; ``plain`` redacts the stretches that no rule claimed."""
        parts: list[str] = []
        at = 0
        while at < len(self.text):
            if at in self._replacements:
                at, new = self._replacements[at]
                parts.append(new)
                continue
            end = self._stretch_end(at)
            stretch = self.text[at:end]
            parts.append(stretch if self._claimed[at] else plain(stretch))
            at = end
        return "".join(parts)

    def _stretch_end(self, start: int) -> int:
        """Return where a stretch of equally claimed text, without replacements, ends."""
        end = self._claimed.find(not self._claimed[start], start)
        end = len(self.text) if end < 0 else end
        if self._claimed[start]:
            end = next((at for at in range(start, end) if at in self._replacements), end)
        return end
