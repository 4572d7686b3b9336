"""The known kinds of garbage: what is served in place of a true page."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from givenergy_modbus.model.guards import garbage
from givenergy_modbus.model.guards.power_guard import is_power
from givenergy_modbus.model.register import Energy

from tests.library.answers import words_of
from tests.library.guard_plants import PACKS, Key, Words

if TYPE_CHECKING:
    from tests.library.guard_world import World

_LEAST = 20
"""Words of a page from which on it can be told from garbage."""


def add(words: Words, place: int, by: int) -> None:
    """Let a word rise or fall."""
    words[place] = (words[place] + by) & 0xFFFF


def leaked(world: World, key: Key, words: Words) -> Words | None:
    """Put a network packet of any LAN into the page."""
    if len(words) < 45:
        return None
    random = world.random
    header = [0x4500 | random.randrange(256), *(random.randrange(0x10000) for _ in range(9))]
    header[4] = header[4] & 0xFF00 | random.choice((6, 17))
    header[5] = 0
    total = sum(header)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header[5] = 0xFFFF - total
    rest = [random.randrange(0x10000) for _ in words[45:]]
    return [*words[:35], *header, *rest]


def recorded_packet(world: World, key: Key, words: Words) -> Words | None:
    """Put words of the recorded network packet into the page."""
    places = [place for place in garbage._LEAKED if place < len(words)]
    if len(places) < 6:
        return None
    return [
        garbage._LEAKED[place][0] if place in places else word for place, word in enumerate(words)
    ]


def adapter_memory(world: World, key: Key, words: Words) -> Words | None:
    """Put twelve words of another region of the adapter's memory into the page."""
    if len(words) < _LEAST:
        return None
    at = world.random.randrange(len(words) - 12)
    region = [world.random.randrange(0xFFC0, 0xFFF0) for _ in range(12)]
    return [*words[:at], *region, *words[at + 12 :]]


def zeros(world: World, key: Key, words: Words) -> Words | None:
    """Let everything fall to zero."""
    return [0] * len(words) if len(words) >= _LEAST else None


def neighbour(world: World, key: Key, words: Words) -> Words | None:
    """Serve the page of another device of the same kind."""
    others = [
        page
        for (address, first), page in world.truth.items()
        if first == key[1] and address != key[0] and address >> 4 == key[0] >> 4
    ]
    if not others or world.role(key).serial is None:
        return None
    return list(world.random.choice(others))


def spliced(world: World, key: Key, words: Words) -> Words | None:
    """Patch a battery's page together from pieces of others."""
    if key[0] not in PACKS:
        return None
    return world.random.choice((_one_odd, _several_odd, _no_temperatures, _no_cells, _another))(
        world.random, words
    )


def _one_odd(random: Random, words: Words) -> Words:
    odd = [(4, words[4] + 700), (40, 5 if words[40] > 20 else 60)]
    odd += [(37, 4), (38, 3021), (20, 20_000)]
    place, value = random.choice(odd)
    return [*words[:place], value, *words[place + 1 :]]


def _several_odd(random: Random, words: Words) -> Words:
    return _one_odd(random, [*words[:2], words[2] + 900, words[3] - 900, *words[4:]])


def _no_temperatures(random: Random, words: Words) -> Words:
    return [*words[:16], 0, 0, 0, 0, *words[20:]]


def _no_cells(random: Random, words: Words) -> Words:
    return [*[0] * 16, *words[16:]]


def _another(random: Random, words: Words) -> Words:
    return [*words[:50], *words_of("ZZ9999Z999"), *words[55:]]


def counter_slip(world: World, key: Key, words: Words) -> Words | None:
    """Let an energy counter leap ahead or fall back."""
    fields = [field for field in world.guarded(key) if field.field.energy is Energy.LIFETIME]
    if not fields:
        return None
    places = world.random.choice(fields).places
    slipped = list(words)
    if len(places) == 2 and world.random.random() < 0.5:
        slipped[places[0]] = (words[places[0]] + 1) & 0xFFFF
    else:
        by = world.random.choice((5000, -70, 20_000))
        add(slipped, places[-1], by)
    return slipped


def power_slip(world: World, key: Key, words: Words) -> Words | None:
    """Show a power that cannot be."""
    fields = [
        field
        for field in world.guarded(key)
        if is_power(field.field)
        and len(field.places) == 1
        and field.field.codec.decode(0x8001) == -field.field.codec.decode(0x7FFF)
    ]
    if not fields:
        return None
    place = world.random.choice(fields).places[0]
    return [0x8001 if at == place else word for at, word in enumerate(words)]


type Garbage = Callable[[World, Key, Words], Words | None]

GARBAGE: tuple[Garbage, ...] = (
    leaked, recorded_packet, adapter_memory, zeros, neighbour, spliced, counter_slip, power_slip
)  # fmt: skip
