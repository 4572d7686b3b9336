"""Where words come in: guards judge every response, and what is believed is stored."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any, Self

from ..clock import SYSTEM_CLOCK, Clock, as_utc
from ..pdu import ReadRegistersResponse, TransparentResponse, WriteHoldingRegisterResponse
from .capabilities import PlantCapabilities
from .codecs import clock
from .device_kinds import LV_BATTERY
from .freshness import Freshness, Instant
from .guards import Page, Reason, Verdict
from .guards.field_guard import FieldGuards, Surroundings
from .guards.garbage import serial_after
from .guards.limits import UNKNOWN_RATING, Limits
from .guards.page_guard import PageGuards, Refusal
from .guards.repeated_warning import RepeatedWarnings
from .guards.sender import Sender
from .models import Trait
from .plan import FACADE_ADDRESS, INVERTER_ADDRESS, Block, Read
from .register import HR, Bank, Register
from .register_cache import RegisterCache
from .serials import is_serial
from .topology import DeviceRole, rating, role_of

_LOGGER = getLogger(__name__)

_CLOCK = tuple(HR(address) for address in range(35, 41))
_MAY_WRITE = (INVERTER_ADDRESS, FACADE_ADDRESS, LV_BATTERY.addresses.start)
"""Where clients, old ones included, write the inverter's settings."""

_NOTHING = RegisterCache()

DEFAULT_POLL_INTERVAL = 60.0
"""Seconds between polls unless another interval is set."""


class Ingest:
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

        self.poll_interval = DEFAULT_POLL_INTERVAL
        """Seconds between polls; guards take it to know when a page is missing."""

        self._freshness = Freshness()
        self._pages = PageGuards()
        self._fields = FieldGuards()
        self._sender = Sender()
        self._warnings = RepeatedWarnings()
        self._serials: dict[int, str] = {}
        """The last believed serial number of each device, by address."""
        self._empty_places: set[int] = set()

    def update(self, pdu: object, received_at: datetime | None = None) -> Verdict:
        """Take in a message from the wire, and return what became of it.

        Without the time it was received, it counts as received now.
        """
        if not isinstance(pdu, ReadRegistersResponse | WriteHoldingRegisterResponse) or pdu.error:
            return Verdict.IGNORED
        if pdu.crc_failed:
            self.crc_failure_count[pdu.device_address] += 1
            self.dropped[Reason.CHECKSUM] += 1
            return Verdict.IGNORED
        now = self._now() if received_at is None else self._then(received_at)
        if self._is_foreign(pdu, now.monotonic):
            self.dropped[Reason.FOREIGN] += 1
            _LOGGER.debug("%#04x: another plant's inverter answered", pdu.device_address)
            return Verdict.REJECTED
        self._adopt(pdu, now.monotonic)
        if isinstance(pdu, WriteHoldingRegisterResponse):
            return self._acknowledged(pdu)
        page = Page(
            pdu.device_address, Bank(pdu.bank), pdu.base_register, tuple(pdu.register_values)
        )
        return self._take(page, now)

    def record_retry(self, device_address: int) -> None:
        """Count a question that had to be put again."""
        self.retry_count[device_address] += 1

    def energy_memory(self) -> dict[str, Any]:
        """Return the last believed energy counters as JSON values, to outlive a restart."""
        return {
            f"{address:#04x}": {"serial": self._serials.get(address), "counters": counters}
            for address, counters in self._fields.memory(self._now()).items()
        }

    def restore_energy(self, memory: Mapping[str, Any]) -> None:
        """Take up what :meth:`energy_memory` returned; what makes no sense is left out.

        Counters of a device are dropped when another serial number answers at its address.
        """
        for text, known in memory.items():
            try:
                address, serial, counters = int(text, 0), known["serial"], dict(known["counters"])
            except KeyError, TypeError, ValueError:
                _LOGGER.debug("No counters to restore: %s", text)
                continue
            if is_serial(serial):
                self._serials[address] = serial
            self._fields.restore(address, counters, self._now())

    def take_over(self, other: Self, max_age: float) -> None:
        """Take up what another object has last read of the same inverter, until it is read again.

        Blocks older than ``max_age`` seconds are left out, and those that were read already.
        Other devices may have changed their places.
        """
        oldest = self.clock.monotonic() - max_age
        for address, block, at in other._freshness.since(oldest):
            known = self._freshness.covered_at(address, block) is not None
            if known or address != self._inverter_address:
                continue
            first, theirs = Register.at(block.bank, block.start), other.register_caches[address]
            registers = [Register(first + offset) for offset in range(block.count)]
            words = {register: theirs[register] for register in registers if register in theirs}
            cache = self._cache(address)
            cache.update({**words, **{key: cache[key] for key in words.keys() & cache.keys()}})
            self._freshness.stored(address, block, tuple(words.values()), at)

    def is_corroborated(self, read: Read) -> bool:
        """Return whether a second page confirmed what is stored of a block."""
        return self._pages.is_corroborated(*read)

    def is_doubted(self, read: Read) -> bool:
        """Return whether the last page of a block waits for another one to confirm it."""
        return self._pages.is_doubted(*read)

    def is_empty_place(self, device_address: int) -> bool:
        """Return whether the last page from an address was that of a place without a device."""
        return device_address in self._empty_places

    def forget_device(self, device_address: int) -> None:
        """Forget the registers of a device, and all that is remembered to judge new ones."""
        self._cache(device_address).clear()
        self._freshness.forget_device(device_address)
        self._pages.forget_device(device_address)
        self._fields.forget(device_address)
        self._serials.pop(device_address, None)
        self._empty_places.discard(device_address)

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
        """Whether a block is served; None if it was never requested."""
        return self._freshness.present(device_address, Block(Bank(bank), start, count))

    def mark_absent(self, device_address: int, bank: str, start: int, count: int) -> None:
        """Record that a block is not served."""
        self._freshness.absent(device_address, Block(Bank(bank), start, count))

    def invalidate_presence(self, device_address: int, bank: str, start: int, count: int) -> None:
        """Forget a block: its words, when they came, and whether it is there."""
        page = Page(device_address, Bank(bank), start, (0,) * count)
        self._freshness.forget(device_address, page.block)
        self._pages.forget(page)
        if (cache := self.register_caches.get(device_address)) is not None:
            for register in page.registers:
                cache.pop(register, None)
            cache.revision += 1

    def _is_foreign(self, pdu: TransparentResponse, at: float) -> bool:
        """Whether an answer names another inverter; other devices may name themselves."""
        if not _names_inverter(pdu):
            return False
        ours = self.inverter_serial_number
        return self._sender.is_foreign(pdu.inverter_serial_number, ours, at)

    def _adopt(self, pdu: TransparentResponse, at: float) -> None:
        self.data_adapter_serial_number = pdu.data_adapter_serial_number
        if _names_inverter(pdu):
            self.inverter_serial_number = pdu.inverter_serial_number
            self._sender.heard(at)

    def _acknowledged(self, pdu: WriteHoldingRegisterResponse) -> Verdict:
        """Store an acknowledged setting; garbage acknowledges register 0."""
        if pdu.register == 0 or pdu.device_address not in (*_MAY_WRITE, self._inverter_address):
            return Verdict.IGNORED
        self._cache(self._inverter_address).store(Bank.HOLDING, pdu.register, (pdu.value,))
        return Verdict.STORED

    def _take(self, page: Page, now: Instant) -> Verdict:
        if not page.fits_its_bank:
            self.dropped[Reason.RANGE] += 1
            return Verdict.REJECTED
        cache = self._cache(page.device_address)
        role = role_of(page.device_address, self.capabilities, self.register_caches)
        surroundings = Surroundings(
            now.monotonic, self.poll_interval, self._limits, self._inverter_time(now.monotonic)
        )
        refusal = self._pages.update(role, cache, page, now.monotonic, self.poll_interval)
        self._empty_places.discard(page.device_address)
        if refusal is not None:
            if refusal.empty_place:
                self._empty_places.add(page.device_address)
            if not refusal.proven:
                evidence = surroundings._replace(may_store=False)
                self._fields.update(role.models, role.absent, page, evidence)
            return self._refuse(page, refusal, now)
        self._identify(role, cache, page)
        doubted = self._fields.update(role.models, role.absent, page, surroundings)
        self.dropped.update(doubted.reasons)
        instead = {**self._pages.unknown(role, cache, page), **doubted.instead}
        self._store(page, instead, now)
        self._warnings.clear(page)
        return Verdict.STORED

    def _identify(self, role: DeviceRole, cache: RegisterCache, page: Page) -> None:
        """Remember whose registers these are; forget those of a device that was exchanged."""
        if (field := role.serial) is None:
            return
        if (serial := serial_after(field, cache, page)) is None:
            return
        if serial == self.inverter_serial_number:
            self._sender.confirmed = True
        before = self._serials.get(page.device_address, serial)
        self._serials[page.device_address] = serial
        if before == serial:
            return
        if role.is_peripheral:
            cache.clear()
            self._freshness.forget_device(page.device_address)
            self._pages.forget_others(page)
        if field.read(cache) is None:
            # Of the inverter, only counters restored from another one's memory are dropped.
            self._fields.forget(page.device_address)

    def _store(self, page: Page, instead: dict[Register, int | None], now: Instant) -> None:
        """Store a page, with other words or none in some registers."""
        cache = self._cache(page.device_address)
        words = page.words
        if instead:
            words = tuple(
                word if (kept := instead.get(register, word)) is None else kept
                for register, word in zip(page.registers, page.words, strict=True)
            )
        cache.store(page.bank, page.start, words)
        for register, word in instead.items():
            if word is None:
                cache.pop(register, None)
        self._freshness.stored(page.device_address, page.block, words, now)

    def _refuse(self, page: Page, refusal: Refusal, now: Instant) -> Verdict:
        """Count a page that is not stored."""
        address = page.device_address
        self.dropped[refusal.reason] += 1
        if refusal.first:
            self.cold_start_held_count[address] += 1
        elif refusal.reason is Reason.SPLICE and refusal.single:
            self.splice_held_count[address] += 1
        elif refusal.reason in (Reason.SPLICE, Reason.IMPOSSIBLE):
            self.splice_reject_count[address] += 1
        self._warnings.warn(page, refusal, now.monotonic)
        return refusal.verdict

    @property
    def _limits(self) -> Limits:
        """The powers that can flow in this plant, as far as is known."""
        traits = Trait(0) if self.capabilities is None else self.capabilities.traits
        watts = rating(self.register_caches.get(self._inverter_address, _NOTHING))
        many = Trait.EMS in traits or Trait.GATEWAY in traits
        single_phase = self.capabilities is not None and Trait.THREE_PHASE not in traits
        return Limits(
            UNKNOWN_RATING if many or watts is None else watts,
            1 if single_phase and not many else 3,
        )

    def _inverter_time(self, at: float) -> datetime | None:
        """Return what the inverter's clock should show, from when it was last read."""
        address = self._inverter_address
        read_at = self._freshness.register_at(address, _CLOCK[0])
        cache = self.register_caches.get(address, _NOTHING)
        words = [cache.get(register) for register in _CLOCK]
        if read_at is None or None in words or (shown := clock.decode(*words)) is None:
            return None
        return shown + timedelta(seconds=at - read_at.monotonic)

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


def _names_inverter(pdu: TransparentResponse) -> bool:
    """Return whether an answer is the inverter's, and has its serial number."""
    at_inverter = pdu.device_address in (INVERTER_ADDRESS, FACADE_ADDRESS)
    return at_inverter and is_serial(pdu.inverter_serial_number)
