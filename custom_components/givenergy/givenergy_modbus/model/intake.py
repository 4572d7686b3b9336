"""Where words come in: every answer is judged, and what is believed is stored."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import DEBUG, INFO, WARNING, getLogger
from typing import Any

from ..clock import SYSTEM_CLOCK, Clock, as_utc
from ..pdu import ReadRegistersResponse, TransparentResponse, WriteHoldingRegisterResponse
from . import splice
from .capabilities import PlantCapabilities
from .codecs import clock
from .counters import UNKNOWN_RATING, Counters, Moment
from .device_kinds import LV_BATTERY
from .freshness import Freshness, Instant
from .guards import Page, Reason, Verdict, is_dropout, is_leaked, loses_serial
from .plan import FACADE_ADDRESS, INVERTER_ADDRESS, Block, Read
from .register import HR, Bank, Register
from .register_cache import RegisterCache
from .serials import is_serial
from .topology import DeviceRole, rating, role_of

LOGGER = getLogger(__name__)

_CLOCK = tuple(HR(address) for address in range(35, 41))
_MAY_WRITE = (INVERTER_ADDRESS, FACADE_ADDRESS, LV_BATTERY.addresses.start)
"""Where clients, old ones included, write the inverter's settings."""

_NOTHING = RegisterCache()

_REMIND = timedelta(minutes=5)
"""How often to repeat a warning about the same thing."""


@dataclass(slots=True)
class _Grievance:
    """What is wrong with one block again and again, so that it is said only now and then."""

    what: str
    level: int
    said_at: datetime
    times: int


class Intake:
    """Registers of all devices of a plant, and what is remembered to judge new ones."""

    def __init__(
        self, capabilities: PlantCapabilities | None = None, *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        """Start with nothing read; the layout may be known already."""
        self.capabilities = capabilities
        self.clock = clock
        """Where the time is read, here and by the client this belongs to."""
        self._started = self._now()
        self.register_caches: dict[int, RegisterCache] = {}
        """The last believed words of each device, by address."""
        self.inverter_serial_number = ""
        """The serial inverter answers are addressed with."""
        self.data_adapter_serial_number = ""

        self.crc_failure_count: Counter[int] = Counter()
        self.splice_reject_count: Counter[int] = Counter()
        self.splice_held_count: Counter[int] = Counter()
        self.cold_start_held_count: Counter[int] = Counter()
        self.retry_count: Counter[int] = Counter()
        self.dropped: Counter[Reason] = Counter()
        """How many answers, or counters in them, were not believed, by reason."""

        self.splice_heal_seconds = 900.0
        """How long a battery must insist on another number of cells or firmware."""
        self.splice_reject_heal_seconds: float | None = None
        """The same for several measurements that jumped at once; None is for ever."""

        self._freshness = Freshness()
        self._counters = Counters()
        self._watches: dict[int, splice.Watch] = {}
        self._grievances: dict[tuple[int, Block], _Grievance] = {}

    def update(self, pdu: object, received_at: datetime | None = None) -> Verdict:
        """Take in a message from the wire, and return what became of it.

        Without the time it was received, it counts as received now, and energy
        counters may move as they like.
        """
        if not isinstance(pdu, ReadRegistersResponse | WriteHoldingRegisterResponse) or pdu.error:
            return Verdict.IGNORED
        if pdu.crc_failed:
            self.crc_failure_count[pdu.device_address] += 1
            self.dropped[Reason.CHECKSUM] += 1
            return Verdict.IGNORED
        if self._is_foreign(pdu):
            self.dropped[Reason.FOREIGN] += 1
            LOGGER.debug("%#04x: another plant's inverter answered", pdu.device_address)
            return Verdict.REJECTED
        self._adopt(pdu)
        if isinstance(pdu, WriteHoldingRegisterResponse):
            return self._acknowledged(pdu)
        page = Page(
            pdu.device_address, Bank(pdu.bank), pdu.base_register, tuple(pdu.register_values)
        )
        return self._take(page, received_at)

    def record_retry(self, device_address: int) -> None:
        """Count a question that had to be put again."""
        self.retry_count[device_address] += 1

    def energy_memory(self) -> dict[str, Any]:
        """Return the last believed energy counters as JSON values, to outlive a restart."""
        return self._counters.memory()

    def restore_energy(self, memory: dict[str, Any]) -> None:
        """Take up what :meth:`energy_memory` returned."""
        self._counters.restore(memory)

    def block_age(
        self,
        device_address: int,
        bank: str,
        start: int,
        count: int,
        now: datetime | None = None,
    ) -> float | None:
        """Return the seconds since a block was last stored, None if it never was.

        Without ``now`` a host clock that is set changes nothing.
        """
        block = Block(Bank(bank), start, count)
        return self._age(self._freshness.block_at(device_address, block), now)

    def register_age(
        self, device_address: int, register: Register, now: datetime | None = None
    ) -> float | None:
        """Return the seconds since a register was last stored, None if it never was."""
        return self._age(self._freshness.register_at(device_address, register), now)

    def content_unchanged_seconds(
        self,
        device_address: int,
        bank: str,
        start: int,
        count: int,
        now: datetime | None = None,
    ) -> float | None:
        """Return for how many seconds a block has held the very same words.

        Nothing follows from it by itself: healthy batteries repeat theirs for minutes.
        """
        block = Block(Bank(bank), start, count)
        return self._age(self._freshness.unchanged_since(device_address, block), now)

    def stored_at(self, read: Read) -> datetime | None:
        """Return the UTC time a block was last stored, by itself or within a larger one.

        It is for people: to compare times, use :meth:`stored_monotonic`.
        """
        at = self._freshness.covered_at(*read)
        return None if at is None else at.utc

    def stored_monotonic(self, read: Read) -> float | None:
        """Return when a block was last stored, in seconds of the clock's ``monotonic()``."""
        at = self._freshness.covered_at(*read)
        return None if at is None else at.monotonic

    def is_fresh(self, read: Read, max_age: float) -> bool:
        """Return whether a block was stored at most ``max_age`` seconds ago."""
        at = self.stored_monotonic(read)
        return at is not None and self.clock.monotonic() - at <= max_age

    @property
    def last_updated_at(self) -> datetime | None:
        """The UTC time anything at all was last stored."""
        at = self._freshness.newest
        return None if at is None else at.utc

    def block_present(self, device_address: int, bank: str, start: int, count: int) -> bool | None:
        """Whether a block is there; None if nobody has tried."""
        return self._freshness.present(device_address, Block(Bank(bank), start, count))

    def mark_absent(self, device_address: int, bank: str, start: int, count: int) -> None:
        """Note that nobody answers for a block."""
        self._freshness.absent(device_address, Block(Bank(bank), start, count))

    def invalidate_presence(self, device_address: int, bank: str, start: int, count: int) -> None:
        """Forget a block: its words, when they came, and whether it is there."""
        page = Page(device_address, Bank(bank), start, (0,) * count)
        self._freshness.forget(device_address, page.block)
        if splice.concerns(page):
            self._watches.pop(device_address, None)
        if (cache := self.register_caches.get(device_address)) is not None:
            for register in page.registers:
                cache.pop(register, None)
            cache.revision += 1

    def _is_foreign(self, pdu: TransparentResponse) -> bool:
        """Whether an answer names another inverter; other devices may name themselves."""
        serial, ours = pdu.inverter_serial_number, self.inverter_serial_number
        if pdu.device_address not in (INVERTER_ADDRESS, FACADE_ADDRESS) or not ours:
            return False
        return is_serial(serial) and serial != ours

    def _adopt(self, pdu: TransparentResponse) -> None:
        self.data_adapter_serial_number = pdu.data_adapter_serial_number
        if pdu.device_address in (INVERTER_ADDRESS, FACADE_ADDRESS) and is_serial(
            pdu.inverter_serial_number
        ):
            self.inverter_serial_number = pdu.inverter_serial_number

    def _acknowledged(self, pdu: WriteHoldingRegisterResponse) -> Verdict:
        """Store a setting somebody wrote; register 0 is what garbage acknowledges."""
        if pdu.register == 0 or pdu.device_address not in (*_MAY_WRITE, self._inverter_address):
            return Verdict.IGNORED
        self._cache(self._inverter_address).store(Bank.HOLDING, pdu.register, (pdu.value,))
        return Verdict.STORED

    def _take(self, page: Page, received_at: datetime | None) -> Verdict:
        now = self._now() if received_at is None else self._then(received_at)
        at = now.utc
        cache = self._cache(page.device_address)
        role = role_of(page.device_address, self.capabilities, self.register_caches)
        if (reason := _objection(page, cache, role)) is not None:
            return self._refuse(page, reason, at)
        if role.is_pack and splice.concerns(page):
            verdict = self._compare(page, cache, at)
            if verdict is not Verdict.STORED:
                return verdict
        words = page.words
        if received_at is not None:
            words, doubted = self._counters.settle(role.models, role.absent, page, self._moment(at))
            self.dropped[Reason.ENERGY] += doubted
        cache.store(page.bank, page.start, words)
        self._freshness.stored(page.device_address, page.block, words, now)
        self._reconcile(page)
        return Verdict.STORED

    def _compare(self, page: Page, cache: RegisterCache, at: datetime) -> Verdict:
        """Judge a battery's page by the last one believed."""
        address = page.device_address
        if not splice.is_whole(page):
            if splice.part_is_believable(page):
                return Verdict.STORED
            return self._refuse(page, Reason.SPLICE, at, "temperatures are missing")
        surge = self.splice_reject_heal_seconds
        judged = splice.judge(
            self._watches.get(address, splice.Watch()),
            splice.stored_page(cache),
            page.words,
            at,
            splice.Patience(
                timedelta(seconds=self.splice_heal_seconds),
                None if surge is None else timedelta(seconds=surge),
            ),
        )
        self._watches[address] = judged.watch
        if judged.verdict is Verdict.REJECTED:
            return self._refuse(page, Reason.SPLICE, at, judged.why)
        if judged.verdict is Verdict.HELD:
            first = judged.watch.first is not None
            (self.cold_start_held_count if first else self.splice_held_count)[address] += 1
            self._complain(page, DEBUG if first else INFO, f"held back: {judged.why}", at)
        return judged.verdict

    def _refuse(self, page: Page, reason: Reason, at: datetime, why: str = "") -> Verdict:
        """Count a page that is not believed."""
        self.dropped[reason] += 1
        if reason in (Reason.SPLICE, Reason.IMPOSSIBLE):
            self.splice_reject_count[page.device_address] += 1
        level = DEBUG if reason is Reason.SERIAL else WARNING
        self._complain(page, level, f"{reason}: {why}" if why else str(reason), at)
        return Verdict.REJECTED

    def _complain(self, page: Page, level: int, what: str, at: datetime) -> None:
        """Say what is wrong with a page, the first time and now and then."""
        key = (page.device_address, page.block)
        known = self._grievances.get(key)
        if known is not None and known.what == what and at - known.said_at < _REMIND:
            known.times += 1
            level = DEBUG
        else:
            times = 1 if known is None else known.times + 1
            self._grievances[key] = _Grievance(what, level, at, times)
        LOGGER.log(level, "%s not believed (%s)", page, what)

    def _reconcile(self, page: Page) -> None:
        """Say that a block that was not believed several times is well again."""
        known = self._grievances.pop((page.device_address, page.block), None)
        if known is not None and known.times > 1:
            LOGGER.log(
                known.level, "%s believed again, after %d times %s", page, known.times, known.what
            )

    def _moment(self, at: datetime) -> Moment:
        cache = self.register_caches.get(self._inverter_address, _NOTHING)
        return Moment(at, rating(cache) or UNKNOWN_RATING, self._inverter_time(at))

    def _inverter_time(self, at: datetime) -> datetime | None:
        """Return what the inverter's clock should show, going by when it was last read."""
        address = self._inverter_address
        read_at = self._freshness.register_at(address, _CLOCK[0])
        cache = self.register_caches.get(address, _NOTHING)
        words = [cache.get(register) for register in _CLOCK]
        if read_at is None or None in words or (shown := clock.decode(*words)) is None:
            return None
        return shown + (at - read_at.utc)

    def _now(self) -> Instant:
        return Instant(self.clock.monotonic(), self.clock.now())

    def _then(self, at: datetime) -> Instant:
        """Return a moment that is known by date and time only, as in a recording."""
        utc = as_utc(at)
        return Instant(self._started.monotonic + (utc - self._started.utc).total_seconds(), utc)

    def _age(self, since: Instant | None, now: datetime | None) -> float | None:
        """Return the seconds since a moment, by the monotonic clock unless ``now`` is given."""
        if since is None:
            return None
        if now is None:
            return self.clock.monotonic() - since.monotonic
        return (as_utc(now) - since.utc).total_seconds()

    def _cache(self, device_address: int) -> RegisterCache:
        return self.register_caches.setdefault(device_address, RegisterCache())

    @property
    def _inverter_address(self) -> int:
        return INVERTER_ADDRESS if self.capabilities is None else self.capabilities.inverter_address


def _objection(page: Page, stored: RegisterCache, role: DeviceRole) -> Reason | None:
    """Return what is wrong with a page on its own, None if nothing is."""
    if is_leaked(page):
        return Reason.LEAK
    if is_dropout(stored, page):
        return Reason.ZEROS
    if role.is_pack and splice.is_whole(page) and splice.is_impossible(page.words):
        return Reason.IMPOSSIBLE
    field = role.models[0].register_fields.get("serial_number") if role.models else None
    if field is not None and loses_serial(field, stored, page, must_have_one=role.must_have_serial):
        return Reason.SERIAL
    return None
