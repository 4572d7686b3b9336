"""Put registers back to what they were before an override."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..const import LOGGER
from ..givenergy_modbus.client.client import Client
from ..givenergy_modbus.exceptions import (
    CommunicationError,
    ExceptionBase,
    RefreshError,
    WriteRefused,
)
from ..givenergy_modbus.model import TimeSlot
from ..givenergy_modbus.model.allowlist import writable_registers
from ..givenergy_modbus.model.plan import INVERTER_ADDRESS
from ..givenergy_modbus.model.plant import Plant
from ..givenergy_modbus.model.register import HR, Bank
from ..givenergy_modbus.pdu import WriteHoldingRegisterRequest
from ..givenergy_modbus.write_report import WriteReport
from ..inverter_clock import CLOCK_BLOCK
from ..writer import Deliver
from .journal import Entry, OverrideJournal

_RETRIES = 2
"""More than a poll has: the next poll does not make up for what is missed here."""


_NOTHING = WriteReport()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The registers that one attempt did not restore."""

    left: tuple[int, ...] = ()
    """Another client has changed them since; they stay as they are."""
    failed: tuple[int, ...] = ()


def setting_words(plant: Plant) -> Mapping[int, int]:
    """Return the holding registers of the inverter or EMS, as last read."""
    cache = plant.register_caches.get(INVERTER_ADDRESS)
    if cache is None:
        return {}
    return {
        register.address: word for register, word in cache.items() if register.bank is Bank.HOLDING
    }


async def read_settings(client: Client, registers: Iterable[int]) -> None:
    """Read some settings from the inverter, and its clock; CommunicationError if one is missed."""
    capabilities = client.plant.capabilities
    assert capabilities is not None
    wanted = [HR(register) for register in registers]
    reads = dict.fromkeys(
        read
        for read in capabilities.config_plan
        if read == CLOCK_BLOCK
        or (
            read.device_address == INVERTER_ADDRESS
            and any(register in read.block for register in wanted)
        )
    )
    await client.read_blocks(reads, retries=_RETRIES)


async def read_everything(client: Client) -> None:
    """Read all settings and measurements of the inverter; CommunicationError if one is missed."""
    for poll in (client.load_config, client.refresh):
        try:
            await poll(retries=_RETRIES, max_age=0)
        except RefreshError as err:
            if any(failure.device_address == INVERTER_ADDRESS for failure in err.failures):
                raise


async def restore(client: Client, deliver: Deliver, journal: OverrideJournal) -> Outcome:
    """Restore the registers that still hold our word, and verify each of them.

    A register that the inverter refuses does not keep the others from being restored.
    """
    registers = tuple(entry.register for entry in journal.entries)
    try:
        await read_settings(client, registers)
    except CommunicationError as err:
        LOGGER.debug("Cannot read the settings to restore: %s", err)
        return Outcome(failed=registers)
    words = setting_words(client.plant)
    left = tuple(entry.register for entry in journal.foreign(words))
    untouched = _whole_slots(client.plant, left)
    entries = [entry for entry in journal.to_restore(words) if entry.register not in untouched]
    return Outcome(left, await _write_back(deliver, entries))


def _whole_slots(plant: Plant, registers: Iterable[int]) -> set[int]:
    """Return both ends of the slots that registers belong to.

    One end of ours and one of another client would be a slot that neither has asked for,
    perhaps most of the day long.
    """
    assert plant.capabilities is not None
    settings = writable_registers(plant.capabilities)
    return {
        end.address
        for register in registers
        if register in settings and settings[register].kind is TimeSlot
        for end in settings[register].registers
    }


async def _write_back(deliver: Deliver, entries: Sequence[Entry]) -> tuple[int, ...]:
    """Write the old words; return the registers that did not take them.

    A register that fails is left out; after two in a row without an answer the link is
    taken to be lost.
    """
    failed: list[int] = []
    pending = [entry.register for entry in entries]
    before = {entry.register: entry.before for entry in entries}
    unanswered = 0
    while pending and unanswered < 2:
        try:
            report = await deliver(
                [WriteHoldingRegisterRequest(register, before[register]) for register in pending]
            )
        except ExceptionBase as err:
            LOGGER.debug("Not restored: %s", err)
            report = err.report if isinstance(err, CommunicationError) and err.report else _NOTHING
            done = {write.register for write in (*report.written, *report.skipped)}
            remaining = [register for register in pending if register not in done]
            if isinstance(err, WriteRefused):
                unanswered = 0
            else:
                unanswered = 1 if report.written else unanswered + 1
            if not remaining:
                # All of it was sent, and could not be read back.
                return (*failed, *pending)
            failed.append(remaining[0])
            pending = remaining[1:]
        else:
            return (*failed, *(clamp.register for clamp in report.clamped))
    return (*failed, *pending)
