"""A plant that serves true pages and garbage, to prove the guards safe and alive."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from random import Random

from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.guards.field_guard import Guarded, guarded_fields
from givenergy_modbus.model.guards.power_guard import is_power
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank, Energy, Register
from givenergy_modbus.model.topology import role_of

from tests.library.answers import answer, block, identity, pack, put, words_of
from tests.library.clocks import ManualClock

type Key = tuple[int, Register]
"""A block: the device's address and the first register."""

type Words = list[int]

PACKS = (0x32, 0x33)
TEMPERATURES = (IR(76), IR(77), IR(78), IR(79), IR(81), IR(103), IR(104))
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@cache
def _single_phase() -> dict[Key, tuple[int, ...]]:
    readings = {
        IR(0): 1, IR(1): 2810, IR(5): 2412, IR(8): 31, IR(11): 0, IR(12): 4040, IR(13): 5003,
        IR(17): 81, IR(18): 812, IR(19): 42, IR(20): 411, IR(21): 1, IR(22): 1200, IR(25): 33,
        IR(26): 12, IR(28): 410, IR(30): 0xFF38, IR(32): 0, IR(33): 9120, IR(35): 7, IR(36): 66,
        IR(37): 51, IR(41): 312, IR(42): 712, IR(44): 120, IR(46): 30_100, IR(47): 1, IR(48): 700,
        IR(49): 1, IR(50): 5210, IR(51): 0xFE00, IR(52): 0xFF00, IR(55): 280, IR(59): 48,
    }  # fmt: skip
    meter = {
        IR(60): 2410, IR(63): 210, IR(68): 508, IR(71): 508, IR(76): 5100, IR(79): 5100,
        IR(80): 9900, IR(84): 5001, IR(85): 31_000, IR(87): 200,
    }  # fmt: skip
    return {
        (0x11, HR(0)): identity(),
        (0x11, HR(60)): block(HR(60), 60, put(HR(94), (30, 430, 1, 0, 0))),
        (0x11, HR(240)): block(HR(240), 60, {HR(243): 130, HR(244): 430}),
        (0x11, IR(0)): block(IR(0), 60, readings),
        (0x11, IR(180)): block(IR(180), 60, put(IR(180), (9000, 9500, 51, 66))),
        (0x32, IR(60)): pack(),
        (0x33, IR(60)): pack(**dict(zip(("IR110", "IR111"), words_of("CF21"), strict=True))),
        (0x31, IR(60)): block(IR(60), 60, put(IR(60), (3, 1, 60, 60))),
        (0x01, IR(60)): block(IR(60), 30, meter),
    }


@cache
def _three_phase() -> dict[Key, tuple[int, ...]]:
    counters = {Register(IR(1360) + at): 100 + at for at in range(1, 54, 2)}
    return {
        (0x11, HR(0)): identity(0x4001),
        (0x11, IR(1000)): block(IR(1000), 60, {IR(1034): 406}),
        (0x11, IR(1060)): block(IR(1060), 60, {IR(1061): 4021, IR(1070): 900, IR(1080): 4100}),
        (0x11, IR(1120)): block(IR(1120), 60, {IR(1131): 4720, IR(1132): 80, IR(1137): 1200}),
        (0x11, IR(1180)): block(IR(1180), 60, {IR(1181): 2320, IR(1188): 9000}),
        (0x11, IR(1300)): block(IR(1300), 60, {IR(1302): 4}),
        (0x11, IR(1360)): block(IR(1360), 54, counters),
        (0x50, IR(60)): block(
            IR(60),
            60,
            {
                **put(IR(60), [3300] * 24),
                **put(IR(90), [250] * 12),
                **put(IR(114), words_of("HY2336G001")),
            },
        ),
    }


def _layouts() -> tuple[tuple[PlantCapabilities, dict[Key, tuple[int, ...]]], ...]:
    return (
        (
            PlantCapabilities(
                Model.HYBRID_GEN1, lv_battery_addresses=list(PACKS), meter_addresses=[1]
            ),
            _single_phase(),
        ),
        (PlantCapabilities(Model.HYBRID_3PH, hv_bmu_addresses=[0x50]), _three_phase()),
    )


class World:
    """One plant with its true words, a client's view of it, and a clock."""

    def __init__(self, random: Random, interval: float) -> None:
        self.random = random
        layout, pages = random.choice(_layouts())
        self.clock = ManualClock()
        self.plant = Plant(layout, clock=self.clock)
        self.plant.poll_interval = interval
        self.interval = interval
        self.truth: dict[Key, Words] = {key: list(words) for key, words in pages.items()}
        self.served: dict[tuple[int, Register], set[int]] = defaultdict(set)
        """Every word a register ever truly had."""

    def serve(self, key: Key, words: Words | None = None) -> None:
        """Let a device answer with its true words, or with others."""
        address, first = key
        if words is None:
            words = self.truth[key]
            for offset, word in enumerate(words):
                self.served[address, Register(first + offset)].add(word)
        self.plant.update(answer(address, first, words))

    def poll(self) -> None:
        """Serve every block once."""
        for key in self.truth:
            self.serve(key)

    def drift(self) -> None:
        """Let true values move as they do from one poll to the next; some do not at all."""
        for key, words in self.truth.items():
            if self.random.random() < 0.3:
                continue
            address, first = key
            if address in PACKS:
                _add(words, self.random.randrange(16), self.random.randint(-3, 3))
                words[95 - 60] = self.random.randint(0, 400)
            elif first == IR(0):
                words[5] = self.random.randint(2350, 2450)
                _add(words, 22, self.random.randint(0, 1))
                _add(words, 25, self.random.randint(0, 1))
            elif first == IR(1360):
                _add(words, 1363 - 1360, self.random.randint(0, 1))
            elif address == 0x01:
                words[0] = self.random.randint(2350, 2450)

    def lies(self) -> list[tuple[Key, Register, int | None, set[int]]]:
        """Return what is shown and never was true."""
        return [
            (key, register, shown, self.served[key[0], register])
            for key, words in self.truth.items()
            for offset in range(len(words))
            if (register := Register(key[1] + offset))
            and (shown := self.plant.register_caches.get(key[0], {}).get(register)) is not None
            and shown not in self.served[key[0], register]
        ]

    def outdated(self) -> list[tuple[Key, Register, int | None, int]]:
        """Return what is shown and not true now; temperatures may be unknown."""
        return [
            (key, register, shown, word)
            for key, words in self.truth.items()
            for offset, word in enumerate(words)
            if (register := Register(key[1] + offset))
            and (shown := self.plant.register_caches.get(key[0], {}).get(register)) != word
            and not (shown is None and word == 0 and register in TEMPERATURES)
        ]


def _add(words: Words, place: int, by: int) -> None:
    words[place] = (words[place] + by) & 0xFFFF


# The known kinds of garbage: a page in place of the true one.


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


def adapter_memory(world: World, key: Key, words: Words) -> Words | None:
    """Put twelve words of another region of the adapter's memory into the page."""
    at = world.random.randrange(len(words) - 12)
    region = [world.random.randrange(0xFFC0, 0xFFF0) for _ in range(12)]
    return [*words[:at], *region, *words[at + 12 :]]


def zeros(world: World, key: Key, words: Words) -> Words | None:
    """Let everything fall to zero."""
    return [0] * len(words)


def spliced(world: World, key: Key, words: Words) -> Words | None:
    """Patch a battery's page together from pieces of others."""
    if key[0] not in PACKS:
        return None
    return world.random.choice((_one_odd, _several_odd, _no_temperatures, _no_cells, _another))(
        world.random, words
    )


def _one_odd(random: Random, words: Words) -> Words:
    place, value = random.choice(((4, 3600 + 700), (40, 5), (37, 4), (38, 3021), (20, 20_000)))
    return [*words[:place], value, *words[place + 1 :]]


def _several_odd(random: Random, words: Words) -> Words:
    return _one_odd(random, _one_odd(random, [*words[:2], 0x0E10 + 900, 4200, *words[4:]]))


def _no_temperatures(random: Random, words: Words) -> Words:
    return [*words[:16], 0, 0, 0, 0, *words[20:]]


def _no_cells(random: Random, words: Words) -> Words:
    return [*[0] * 16, *words[16:]]


def _another(random: Random, words: Words) -> Words:
    return [*words[:50], *words_of("ZZ9999Z999"), *words[55:]]


def counter_slip(world: World, key: Key, words: Words) -> Words | None:
    """Let an energy counter leap ahead or fall back."""
    fields = [
        field for field in _guarded(world, key, len(words)) if field.field.energy is Energy.LIFETIME
    ]
    if not fields:
        return None
    places = world.random.choice(fields).places
    slipped = list(words)
    if len(places) == 2 and world.random.random() < 0.5:
        slipped[places[0]] = (words[places[0]] + 1) & 0xFFFF
    else:
        by = world.random.choice((5000, -70, 20_000))
        _add(slipped, places[-1], by)
    return slipped


def power_slip(world: World, key: Key, words: Words) -> Words | None:
    """Show a power that cannot be."""
    fields = [field for field in _guarded(world, key, len(words)) if is_power(field.field)]
    sixteen = [field for field in fields if len(field.places) == 1 and key[0] == 0x11]
    if not sixteen:
        return None
    guarded = world.random.choice(sixteen)
    if abs(guarded.field.codec.decode(0x8001)) < 32_000:
        return None
    return [0x8001 if at == guarded.places[0] else word for at, word in enumerate(words)]


def _guarded(world: World, key: Key, count: int) -> tuple[Guarded, ...]:
    role = role_of(key[0], world.plant.capabilities, world.plant.register_caches)
    return guarded_fields(role.models, role.absent, key[1].bank, key[1].address, count)


type Garbage = Callable[[World, Key, Words], Words | None]

GARBAGE: tuple[Garbage, ...] = (
    leaked, adapter_memory, zeros, spliced, counter_slip, power_slip
)  # fmt: skip


# How the truth may change from one poll to the next.


def _another_pack(random: Random, words: Words) -> None:
    letters = "".join(random.choice(_LETTERS) for _ in range(2))
    words[50:55] = words_of(f"{letters}2350G{random.randrange(1000):03}")


def _recalibrated(random: Random, words: Words) -> None:
    words[40] = random.randrange(101)
    words[29] = random.randrange(19_000)


def _rebounded(random: Random, words: Words) -> None:
    words[:16] = [random.randrange(2600, 3700)] * 16
    words[20] = sum(words[:16])


def _sensors_lost(random: Random, words: Words) -> None:
    words[16:20] = [0] * 4


def _updated(random: Random, words: Words) -> None:
    words[38] = random.choice((3005, 3009, 3022))


_OF_PACKS = (_another_pack, _recalibrated, _rebounded, _sensors_lost, _updated)


def change(world: World) -> None:
    """Change the truth of one block in a way that devices do."""
    random = world.random
    key = random.choice(tuple(world.truth))
    words = world.truth[key]
    address, first = key
    if address in PACKS:
        random.choice(_OF_PACKS)(random, words)
    elif first.bank is Bank.HOLDING and first != HR(0):
        words[random.randrange(len(words))] = random.randrange(2400)
    elif first != HR(0) and address != 0x50 and random.random() < 0.5:
        words[:] = [0] * len(words)
    elif (slip := random.choice((counter_slip, power_slip))(world, key, words)) is not None:
        words[:] = slip


# The properties.


def check_safety(random: Random, interval: float, polls: int = 8) -> None:
    """Assert that no garbage shows, however often it is served within ten seconds."""
    world = World(random, interval)
    for _ in range(3):
        world.poll()
        world.clock.advance(max(interval, 10))
        world.drift()
        for key in world.truth:
            _tick(world, key)
    world.clock.advance(180)
    world.poll()
    for _ in range(polls):
        _burst(world)
        assert not world.lies()
        world.clock.advance(interval)
        world.drift()
        world.poll()
        assert not world.lies()


def _tick(world: World, key: Key) -> None:
    """Change a word that no guard looks at, so that a page differs from the one before."""
    address, first = key
    place = {0x01: 3, 0x11: 34, 0x50: 45}.get(address, 57)
    if first.bank is Bank.INPUT and first != IR(1360):
        world.truth[key][place] = world.random.randrange(100)


def _burst(world: World) -> None:
    """Serve one block's garbage any number of times within ten seconds."""
    key = world.random.choice(tuple(world.truth))
    garbage = world.random.choice(GARBAGE)
    passed = 0.0
    for _ in range(world.random.randint(1, 4)):
        page = garbage(world, key, world.truth[key])
        if page is None or page == world.truth[key]:
            return
        world.serve(key, page)
        assert not world.lies(), garbage.__name__
        step = world.random.choice((0.0, 0.01, 0.25, 5.0))
        if passed + step >= 10:
            return
        passed += step
        world.clock.advance(step)


def check_liveness(random: Random, interval: float) -> None:
    """Assert that from any state all that is shown is true in time."""
    world = World(random, interval)
    for _ in range(random.randint(0, 12)):
        _disturb(world)
    for _ in range(random.randint(0, 3)):
        change(world)
    limit = max(300.0, 10 * interval)
    quiet = random.random() < 0.3
    passed = 0.0
    while passed <= limit:
        world.poll()
        if passed + interval > limit:
            break
        world.clock.advance(interval)
        passed += interval
        if not quiet:
            world.drift()
    assert not world.outdated()


def _disturb(world: World) -> None:
    random = world.random
    key = random.choice(tuple(world.truth))
    match random.randrange(4):
        case 0:
            page = random.choice(GARBAGE)(world, key, world.truth[key])
            world.serve(key, page)
        case 1:
            world.poll()
            world.drift()
        case 2:
            change(world)
        case _:
            count = len(world.truth[key])
            world.serve(key, [random.randrange(0x10000) for _ in range(count)])
    world.clock.advance(random.choice((0, 0.01, 1, 15, world.interval, 400, 4000)))
