"""Where this library knowingly reads a register otherwise than the recorded decodes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from givenergy_modbus.model.register import Register

type Words = Mapping[Register, int]


@dataclass(frozen=True)
class Difference:
    """One decision to read something differently, and why."""

    attribute: str
    """The attribute's name; ``*`` and ``[...]`` stand for what they stand for in file names."""

    devices: tuple[str, ...]
    """The devices or models it concerns, as the tests and the documents call them."""

    ours: str
    golden: str
    evidence: str

    applies: Callable[[Any, Any, Words], bool] | None = None
    """Whether our value, the recorded one and the device's words are this case; always, if None."""

    def covers(self, device: str, attribute: str, ours: Any, golden: Any, words: Words) -> bool:
        """Whether the row explains one pair of values."""
        return (
            device in self.devices
            and fnmatchcase(attribute, self.attribute)
            and (self.applies is None or self.applies(ours, golden, words))
        )


def table(rows: Iterable[Difference]) -> str:
    """Write rows as a Markdown table, as it stands in the documents."""
    return "\n".join(
        (
            "| Value | Device | Here | Recorded decode | Why |",
            "|---|---|---|---|---|",
            *(
                f"| `{row.attribute}` | {', '.join(row.devices)} | {row.ours} "
                f"| {row.golden} | {row.evidence} |"
                for row in rows
            ),
        )
    )
