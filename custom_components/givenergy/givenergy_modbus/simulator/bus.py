"""The devices behind the data adapter: registers, reads and writes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from ..model.device_kinds import LV_BATTERY, METER
from ..model.plan import FACADE_ADDRESS, INVERTER_ADDRESS
from ..model.register import HR, MR, Bank, Register
from ..model.register_cache import RegisterCache
from ..pdu import (
    MAX_REGISTERS,
    ReadRegistersRequest,
    ReadRegistersResponse,
    TransparentRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
)
from . import inverter_clock
from .firmware import Absence, Extent
from .inverter_clock import InverterClock
from .plant_profile import PlantProfile

REBOOT = HR(163)
REBOOT_WORD = 100

_PAGE = (Extent(Bank.INPUT, 60, 120),)
_METER = Extent(Bank.INPUT, 0, 120)
_PRODUCT = Extent(Bank.METER, 60, 120)
_CONTROLLER = (Extent(Bank.INPUT, 60, 180),)

type Silence = int | tuple[int, Register]
"""A device address, or address and first register of one block."""


class Bus:
    """Responds to requests from the registers of a plant's devices."""

    def __init__(
        self,
        plant: PlantProfile,
        clock: InverterClock,
        *,
        rejects: Mapping[int, Any] | None = None,
        clamps: Mapping[int, tuple[int, int]] | None = None,
        reasserts: Mapping[int, int] | None = None,
    ) -> None:
        """Initialize from a profile; None for rejects and clamps uses the firmware's."""
        self.profile = plant
        self.firmware = plant.firmware
        self.clock = clock
        self.registers = plant.build()
        self.rejects = self.firmware.rejects if rejects is None else rejects
        self.clamps = self.firmware.clamps if clamps is None else clamps
        self.reasserts = dict(reasserts or {})
        self.silent: set[Silence] = set()
        self.writes: list[tuple[int, int, int]] = []

    def _served_ranges(self, address: int) -> Iterator[Extent]:
        """Yield the register ranges served at an address."""
        firmware, cache = self.firmware, self.registers.get(address)
        if address == INVERTER_ADDRESS:
            yield from firmware.extents
        elif address in METER.addresses:
            if cache or firmware.no_meter is Absence.ZEROS:
                yield _METER
            if cache and MR(60) in cache:
                yield _PRODUCT
        elif address in LV_BATTERY.addresses or address == FACADE_ADDRESS:
            if cache or firmware.no_pack is Absence.ZEROS:
                yield from _PAGE
        elif cache:
            yield from _CONTROLLER
        if cache is not None:
            yield from _recorded(cache)

    @property
    def inverter_serial(self) -> str:
        """The serial in the header of the inverter's responses."""
        if self.profile.inverter_serial:
            return self.profile.inverter_serial
        cache = self.registers.get(INVERTER_ADDRESS, RegisterCache())
        words = [cache.get(HR(at), 0) for at in range(13, 18)]
        return b"".join(word.to_bytes(2, "big") for word in words).decode("latin1")

    def envelope(self, address: int) -> str:
        """Return the serial in the header of a device's responses."""
        return self.profile.envelopes.get(address, self.inverter_serial)

    def answer(self, request: TransparentRequest) -> TransparentResponse | None:
        """Return the response to a request, None for no response."""
        if isinstance(request, WriteHoldingRegisterRequest):
            return self._write(request)
        if isinstance(request, ReadRegistersRequest):
            return self._read(request)
        return None

    def tick(self) -> None:
        """Restore the registers that an EMS keeps overwriting."""
        cache = self.registers.get(INVERTER_ADDRESS, RegisterCache())
        for register, word in self.reasserts.items():
            cache[HR(register)] = word

    def update_clock(self) -> None:
        """Update the clock registers, if the plant has them."""
        cache = self.registers.get(INVERTER_ADDRESS)
        if cache is not None and HR(inverter_clock.FIRST) in cache:
            cache.store(Bank.HOLDING, inverter_clock.FIRST, self.clock.words)

    def _read(self, request: ReadRegistersRequest) -> ReadRegistersResponse | None:
        address, bank = request.device_address, Bank(request.bank)
        start, count = request.base_register, request.register_count
        first = Register.at(bank, start)
        if address in self.silent or (address, first) in self.silent:
            return None
        owner = self._owner(address, bank, start, count)
        if owner is None:
            return _absent(request, self.envelope(address), self._beyond(address, count))
        if bank is Bank.HOLDING:
            self.update_clock()
        cache = self.registers.get(owner, RegisterCache())
        return request.response_type(
            device_address=address,
            inverter_serial_number=self.envelope(address),
            base_register=start,
            register_count=count,
            register_values=tuple(cache.get(Register(first + at), 0) for at in range(count)),
        )

    def _owner(self, address: int, bank: Bank, start: int, count: int) -> int | None:
        """Return the address whose registers serve a read, None if it is not served."""
        if not 0 < count <= MAX_REGISTERS:
            return None
        if _covered(self._served_ranges(address), bank, start, count):
            return address
        mirrored = self.firmware.mirrors.get(address, ())
        if _covered(mirrored, bank, start, count) and _covered(
            self._served_ranges(INVERTER_ADDRESS), bank, start, count
        ):
            return INVERTER_ADDRESS
        return None

    def _beyond(self, address: int, count: int = 1) -> Absence:
        """Return how an address responds to reads outside its ranges."""
        if next(self._served_ranges(address), None) is None:
            return Absence.SILENCE
        return Absence.EXCEPTION if count > MAX_REGISTERS else self.firmware.outside

    def _write(self, request: WriteHoldingRegisterRequest) -> WriteHoldingRegisterResponse | None:
        address, register, value = request.device_address, request.register, request.value
        if address in self.silent or (address, HR(register)) in self.silent:
            return None
        owner = self._owner(address, Bank.HOLDING, register, 1)
        if owner is None and self._beyond(address) is not Absence.EXCEPTION:
            return None
        refused = owner is None or value in self.rejects.get(register, ())
        if owner is not None and not refused:
            self._apply_write(owner, register, value)
        return WriteHoldingRegisterResponse(
            device_address=address,
            inverter_serial_number=self.envelope(address),
            error=refused,
            register=register,
            value=value,
        )

    def _apply_write(self, owner: int, register: int, value: int) -> None:
        self.writes.append((owner, register, value))
        if 0 <= register - inverter_clock.FIRST < inverter_clock.COUNT:
            self.clock.set_word(register, value)
            self.update_clock()
            return
        if HR(register) == REBOOT:
            return
        low, high = self.clamps.get(register, (0, 0xFFFF))
        cache = self.registers.setdefault(owner, RegisterCache())
        cache.store(Bank.HOLDING, register, (min(max(value, low), high),))


def _covered(extents: Iterable[Extent], bank: Bank, start: int, count: int) -> bool:
    return any(extent.covers(bank, start, count) for extent in extents)


def _recorded(cache: RegisterCache) -> Iterator[Extent]:
    """Yield the contiguous ranges of stored registers."""
    for _, numbered in groupby(enumerate(sorted(cache)), lambda pair: pair[1] - pair[0]):
        run = [register for _, register in numbered]
        yield Extent(run[0].bank, run[0].address, run[-1].address + 1)


def _absent(
    request: ReadRegistersRequest, serial: str, manner: Absence
) -> ReadRegistersResponse | None:
    """Return the response to a read that is not served, None for silence."""
    if manner is Absence.SILENCE:
        return None
    zeros = manner is Absence.ZEROS
    count = request.register_count
    return request.response_type(
        device_address=request.device_address,
        inverter_serial_number=serial,
        error=not zeros,
        base_register=request.base_register,
        register_count=count,
        register_values=(0,) * count if zeros else (),
    )
