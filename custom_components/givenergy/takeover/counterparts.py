"""Which entity of another integration shows the same as which of ours."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

ROOT = frozenset({"inverter", "ems", "gateway"})
PACK = frozenset({"lv_battery"})
MODULE = frozenset({"hv_module", "aio_module"})
STACK = frozenset({"hv_stack"})
MANAGED = frozenset({"managed_inverter"})


@dataclass(frozen=True)
class Counterpart:
    """One entity key of another integration, and ours that shows the same."""

    domain: str
    theirs: str
    """Their key; ``{n}`` is a number, ``{any}`` any text."""
    ours: tuple[str, ...]
    """Our keys, by preference; ``{n}`` and ``{nn}`` are the number. Empty: there is none."""
    why: str
    """Why it is the same; without a counterpart, why there is none and what to use."""
    on: frozenset[str] = ROOT
    """The kinds of device that have it."""
    at: str | None = None
    """The kind of device ours is on, where it is another than theirs."""
    worded: bool = False
    """Whether the texts of the two differ although they mean the same."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        escaped = re.escape(self.theirs)
        return re.compile(escaped.replace(r"\{n\}", r"(\d+)").replace(r"\{any\}", r".+"))

    def keys(self, key: str) -> tuple[str, ...] | None:
        """Return our keys for one of their keys, None when the row is about another."""
        found = self._pattern.fullmatch(key)
        if found is None:
            return None
        number = int(found[1]) if found.groups() else 0
        return tuple(
            ours.replace("{nn}", f"{number:02}").replace("{n}", f"{number}") for ours in self.ours
        )


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another integration for the same hardware."""

    name: str
    """What its users call it."""
    domain: str
    """The platform of its entities in the entity registry."""
    table: tuple[Counterpart, ...]
    same_key: bool = False
    """Whether a key that stands in no row means the same as ours of that name."""

    def find(self, kind: str, domain: str, key: str) -> Iterator[tuple[Counterpart, str]]:
        """Yield the rows about one of their keys, each with our key, by preference.

        A row without a counterpart is yielded alone, with an empty key.
        """
        for row in self._rows(kind, domain):
            keys = row.keys(key)
            if keys is not None:
                yield from ((row, ours) for ours in keys or ("",))
                return
        if self.same_key:
            yield Counterpart(domain, key, (key,), SAME, frozenset({kind})), key

    def _rows(self, kind: str, domain: str) -> Iterable[Counterpart]:
        return (row for row in self.table if row.domain == domain and kind in row.on)


SAME = "The same name for the same value."
