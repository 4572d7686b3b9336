"""Judges whole pages: finds what is doubtful, and asks the one rule what follows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, override

from ..plan import Block
from ..register import Register
from ..topology import DeviceRole
from . import splice
from .corroboration import GuardState, Sighting, decide
from .deviation import Deviation, Words
from .garbage import blanks_serial, dropout, is_leaked, memory, odd_serial, other_serial
from .page import Page, Reason, Verdict

_MOST = 512
"""How many blocks are remembered; other clients may ask for any."""

_HELD = (Reason.SPLICE, Reason.ZEROS)


class Refusal(NamedTuple):
    """Why a page is not stored."""

    reason: Reason
    deviations: tuple[Deviation, ...] = ()
    first: bool = False
    """Whether nothing of a battery was known before."""
    empty_place: bool = False
    """Whether no device is there: the inverter answers for it."""

    @property
    def proven(self) -> bool:
        """Whether it is no page of the device at all, and never will be."""
        return not self.deviations

    @property
    def single(self) -> bool:
        """Whether no more than one measurement of a battery jumped."""
        return self.reason is Reason.SPLICE and splice.is_single(self.deviations)

    @property
    def verdict(self) -> Verdict:
        """What becomes of the page: held if the device may keep sending it."""
        held = self.first or self.reason in _HELD
        return Verdict.HELD if held and not self.proven else Verdict.REJECTED

    @override
    def __str__(self) -> str:
        if self.reason is not Reason.SPLICE:
            return str(self.reason)
        return f"{self.reason}: {', '.join(map(str, self.deviations))}"


class PageGuards:
    """The guards of a plant's pages, and what they remember of each block."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._states: dict[tuple[int, Block], GuardState] = {}

    def update(
        self, role: DeviceRole, stored: Words, page: Page, at: float, interval: float
    ) -> Refusal | None:
        """Return why a page is not to be stored, None if it is."""
        if is_leaked(page):
            return Refusal(Reason.LEAK)
        if _is_empty_place(role, stored, page):
            zeros = dropout(stored, page) is not None
            return Refusal(Reason.ZEROS if zeros else Reason.SERIAL, empty_place=True)
        key = _key(role, page)
        known = self._states.get(key)
        state = (known or GuardState(corroborated=False)).seen(at, interval)
        found = tuple(_deviations(role, stored, page, state.since_stored(at)))
        decision = decide(
            state,
            Sighting(page, at),
            doubted=bool(found),
            repeats=lambda earlier: all(
                deviation.repeats(page, earlier.page) for deviation in found
            ),
            elsewhere=lambda earlier: all(
                register not in page.block
                for deviation in _deviations(role, stored, earlier.page, state.since_stored(at))
                for register in deviation.registers
            ),
            implausible=any(deviation.implausible for deviation in found),
        )
        self._states[key] = decision.state
        if len(self._states) > _MOST:
            del self._states[next(iter(self._states))]
        if decision.believed:
            return None
        nothing = not any(stored.get(register) for register in page.registers)
        return Refusal(found[0].reason, found, first=role.is_pack and nothing)

    def unknown(self, role: DeviceRole, stored: Words, page: Page) -> dict[Register, None]:
        """Return the registers of a believed page that hold no measurement."""
        if not role.is_pack or not splice.concerns(page):
            return {}
        return dict.fromkeys(splice.unknown_temperatures(stored, page))

    def forget(self, page: Page) -> None:
        """Remove what is remembered of the blocks that a page shares registers with."""
        for address, block in tuple(self._states):
            if address == page.device_address and _overlap(block, page.block):
                del self._states[address, block]

    def forget_device(self, device_address: int) -> None:
        """Remove what is remembered of all blocks of a device."""
        for key in [key for key in self._states if key[0] == device_address]:
            del self._states[key]

    def forget_others(self, page: Page) -> None:
        """Remove what is remembered of a device, except of the block of this page."""
        for address, block in tuple(self._states):
            if address == page.device_address and not _overlap(block, page.block):
                del self._states[address, block]

    def is_corroborated(self, device_address: int, block: Block) -> bool:
        """Return whether a second page confirmed what is believed of a block."""
        return any(state.corroborated for state in self._states_of(device_address, block))

    def is_doubted(self, device_address: int, block: Block) -> bool:
        """Return whether the last page of a block is held or was rejected."""
        return any(state.refused for state in self._states_of(device_address, block))

    def _states_of(self, device_address: int, block: Block) -> Iterator[GuardState]:
        for (address, known), state in self._states.items():
            if address == device_address and _overlap(known, block):
                yield state


def _key(role: DeviceRole, page: Page) -> tuple[int, Block]:
    """Return what a page is remembered by: all of a battery's page, also for a part of it."""
    whole = role.is_pack and splice.concerns(page)
    return page.device_address, splice.PAGE if whole else page.block


def _overlap(one: Block, other: Block) -> bool:
    return (
        one.bank is other.bank
        and one.start < other.start + other.count
        and other.start < one.start + one.count
    )


def _is_empty_place(role: DeviceRole, stored: Words, page: Page) -> bool:
    if (field := role.serial) is None:
        return False
    return blanks_serial(field, stored, page, required=role.must_have_serial)


def _deviations(role: DeviceRole, stored: Words, page: Page, elapsed: float) -> Iterator[Deviation]:
    """Yield all that is doubtful in a page, the strongest evidence first."""
    if (found := memory(role.models, stored, page)) is not None:
        yield found
    if (found := dropout(stored, page)) is not None:
        yield found
        return
    if role.is_pack and splice.concerns(page):
        if (found := splice.no_cells(stored, page)) is not None:
            yield found
        yield from _of_battery(stored, page, elapsed)
    if (field := role.serial) is None:
        return
    # That of a pack is among the values of its page.
    if (
        role.is_peripheral
        and not role.is_pack
        and (found := other_serial(field, stored, page)) is not None
    ):
        yield found
    if (found := odd_serial(field, stored, page, required=role.must_have_serial)) is not None:
        yield found


def _of_battery(stored: Words, page: Page, elapsed: float) -> Iterator[Deviation]:
    """Yield what moved too far in a battery's page, or cannot be."""
    impossible = set(splice.implausible(page))
    for deviation in splice.deviations(stored, page, elapsed):
        yield replace(deviation, implausible=deviation.registers in impossible)
        impossible.discard(deviation.registers)
    for registers in impossible:
        if any(register not in stored for register in registers):
            yield Deviation(Reason.SPLICE, "value", registers, implausible=True)
