"""A plant that serves true pages and garbage, to prove the guards safe and alive."""

from collections import defaultdict
from itertools import pairwise
from random import Random

from givenergy_modbus.model.guards.field_guard import Guarded, guarded_fields
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import IR, Bank, Register, Unit
from givenergy_modbus.model.topology import DeviceRole, role_of

from tests.library.answers import answer, words_of
from tests.library.clocks import ManualClock
from tests.library.guard_garbage import GARBAGE, add, counter_slip, power_slip
from tests.library.guard_plants import IDENTITY, PACKS, Key, Words, random_plant

TEMPERATURES = (IR(76), IR(77), IR(78), IR(79), IR(81), IR(103), IR(104))
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_QUIET = (Unit.VOLT, Unit.AMPERE, Unit.CELSIUS, Unit.HERTZ)


class World:
    """One plant with its true words, a client's view of it, and a clock."""

    def __init__(self, random: Random, interval: float) -> None:
        self.random = random
        layout, pages = random_plant(random)
        self.clock = ManualClock()
        self.plant = Plant(layout, clock=self.clock)
        self.plant.poll_interval = interval
        self.interval = interval
        self.truth: dict[Key, Words] = {key: list(words) for key, words in pages.items()}
        self.served: dict[tuple[int, Register], set[int]] = defaultdict(set)
        """Every word a register ever truly had."""
        self.known = False
        """Whether the inverter's own answers have confirmed its serial number."""
        self._stranger = False
        """Whether another plant's inverter has answered; insisting, it would be taken for ours."""
        self.quiet: dict[Key, list[int]] = {key: self._quiet_places(key) for key in self.truth}

    def serve(self, key: Key, words: Words | None = None, *, parts: bool = False) -> None:
        """Let a device answer with its true words, or with others.

        In ``parts`` are the responses to another client, which reads smaller blocks.
        """
        address, first = key
        if words is None:
            words = self.truth[key]
            for offset, word in enumerate(words):
                self.served[address, Register(first + offset)].add(word)
        cuts = [0, len(words)]
        if parts:
            cuts.insert(1, self.random.randrange(1, len(words)))
        for start, end in pairwise(cuts):
            self.plant.update(answer(address, Register(first + start), words[start:end]))

    def serve_what_is_none(self, key: Key) -> None:
        """Let come in what is not even a page of the device."""
        address, first = key
        noise = [self.random.randrange(0x10000) for _ in self.truth[key]]
        match self.random.randrange(4):
            case 0:
                self.plant.update(answer(address, first, noise, crc_failed=True))
            case 1:
                self.plant.update(answer(address, first, noise, error=True))
            case 2 if self.known or not self._stranger:
                self._stranger = True
                self.plant.update(answer(0x11, first, noise, serial="ZZ9999Z999"))
            case _:
                end = Register.at(first.bank, 0x10000 - len(noise) + 1)
                self.plant.update(answer(address, end, noise))

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
                add(words, self.random.randrange(16), self.random.randint(-3, 3))
                words[95 - 60] = self.random.randint(0, 400)
            elif places := self.quiet[key]:
                words[self.random.choice(places)] = self.random.randint(1, 2450)
            if address == 0x11 and first == IR(0):
                add(words, 22, self.random.randint(0, 1))
                add(words, 25, self.random.randint(0, 1))
            elif address == 0x11 and first == IR(1360):
                add(words, 1363 - 1360, self.random.randint(0, 1))

    def role(self, key: Key) -> DeviceRole:
        """Return by what a device's words are judged."""
        return role_of(key[0], self.plant.capabilities, self.plant.register_caches)

    def guarded(self, key: Key) -> tuple[Guarded, ...]:
        """Return the counters and powers of a block."""
        role, first = self.role(key), key[1]
        count = len(self.truth[key])
        return guarded_fields(role.models, role.absent, first.bank, first.address, count)

    def _quiet_places(self, key: Key) -> list[int]:
        """Return the places of measurements in a page that no guard looks at."""
        _, first = key
        fields = [
            field
            for model in self.role(key).models
            for field in model.register_fields.values()
            if field.unit in _QUIET and first.bank is Bank.INPUT
        ]
        places = {register - first for field in fields for register in field.registers}
        loud = {place for guarded in self.guarded(key) for place in guarded.places}
        return sorted(place for place in places - loud if 0 <= place < len(self.truth[key]))

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
    _, first = key
    role = world.role(key)
    if role.is_pack:
        random.choice(_OF_PACKS)(random, words)
    elif key == IDENTITY:
        return
    elif first.bank is Bank.HOLDING and random.random() < 0.7:
        words[random.randrange(len(words))] = random.randrange(2400)
    elif role.is_peripheral and role.serial is not None:
        places = [register - first for register in role.serial.registers]
        if set(places) <= set(range(len(words))) and any(words[place] for place in places):
            spelled = words_of(f"HX2340G{random.randrange(1000):03}")
            for place, word in zip(places[-5:], spelled, strict=True):
                words[place] = word
    elif random.random() < 0.5:
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
    world.known = True
    for _ in range(polls):
        _burst(world)
        assert not world.lies()
        world.clock.advance(interval)
        world.drift()
        world.poll()
        assert not world.lies()


def _tick(world: World, key: Key) -> None:
    """Change a word that no guard looks at, so that a page differs from the one before."""
    words = world.truth[key]
    if key[0] in PACKS:
        words[35] = world.random.randrange(100)
    elif places := world.quiet[key]:
        words[world.random.choice(places)] = world.random.randrange(100)


def _burst(world: World) -> None:
    """Serve one block's garbage any number of times within ten seconds."""
    key = world.random.choice(tuple(world.truth))
    garbage = world.random.choice(GARBAGE)
    passed = 0.0
    for _ in range(world.random.randint(1, 4)):
        page = garbage(world, key, world.truth[key])
        if page is None or page == world.truth[key]:
            world.serve_what_is_none(key)
        else:
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
    quiet, shared = random.random() < 0.3, random.random() < 0.3
    passed = 0.0
    while passed <= limit:
        world.poll()
        if shared:
            world.serve(random.choice(tuple(world.truth)), parts=True)
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
    match random.randrange(5):
        case 0:
            page = random.choice(GARBAGE)(world, key, world.truth[key])
            world.serve(key, page, parts=random.random() < 0.2)
        case 1:
            world.poll()
            world.drift()
        case 2:
            change(world)
        case 3:
            world.serve_what_is_none(key)
        case _:
            count = len(world.truth[key])
            noise = [random.randrange(0x10000) for _ in range(count)]
            world.serve(key, noise, parts=random.random() < 0.2)
    world.clock.advance(random.choice((0, 0.01, 1, 15, world.interval, 400, 4000)))
