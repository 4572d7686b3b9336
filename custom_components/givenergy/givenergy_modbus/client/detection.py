"""Finding out what a plant is made of."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from logging import getLogger

from ..exceptions import PlantTopologyMismatch, ResponseTimeout
from ..model.capabilities import TOPOLOGY_FIELDS, PlantCapabilities
from ..model.device_kinds import (
    AIO_MODULE,
    HV_MODULE,
    HV_STACK,
    LV_BATTERY,
    LV_BCU,
    METER,
    DeviceKind,
    PeripheralRow,
)
from ..model.devices.ems import MAX_MANAGED_INVERTERS, Ems
from ..model.guards import Verdict
from ..model.models import Trait
from ..model.plan import BMS_SUMMARY, INVERTER_ADDRESS, MEASUREMENTS, Read
from ..model.register import IR, Register
from ..model.serials import is_serial
from ..model.topology import candidate_blocks, derive_capabilities, stacked_modules
from .identity import IDENTITY
from .timing import RetryPolicy
from .transport import Transport

_LOGGER = getLogger(__name__)

type Progress = Callable[[int, int], object]
"""Told how many reads are done, and how many there will be as far as is known."""

_ORDER = (HV_STACK, AIO_MODULE, HV_MODULE, LV_BATTERY, LV_BCU, METER)
"""Stacks before their modules, which are as many as the stacks say.

Meters last: while most of them do not answer, others still may, late.
"""

_ENOUGH_TO_TELL = 3
_SHORTEST_PROBE = 0.8
"""How much of its time a probe gets where all answers are quick; a second one gets it all."""

_CONTROLLERS = IR(61)
_MODULES = IR(64)
_FIRST_PACK = Read(LV_BATTERY.addresses.start, LV_BATTERY.block)
_ROLLUP = next(it for it in MEASUREMENTS if Trait.EMS in it.needs)


class Detection:
    """One look at a plant, whole or, with ``prior``, at what should be there."""

    def __init__(
        self,
        transport: Transport,
        known: RetryPolicy,
        probe: RetryPolicy,
        *,
        prior: PlantCapabilities | None = None,
        defer_optional: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Take how long to wait for devices that should be there, and for the others."""
        self._transport = transport
        self._plant = transport.plant
        self._known = known
        self._probe = probe
        self._prior = None if prior is None else prior.normalized()
        self._defer_optional = defer_optional
        self._progress = progress
        self._done = 0
        self._began = self._plant.clock.monotonic()
        self._error_count = transport.error_count
        self._traits = Trait(0)
        self._candidates: dict[Read, None] = {}
        """Every block of a possible device there was reason to ask for, in order."""
        self._answered: set[Read] = set()
        self._believed: set[Read] = set()
        self._insists = prior is None

    async def run(self) -> PlantCapabilities:
        """Return the layout of the plant.

        Raises PlantTopologyMismatch where it is not the one of ``prior``, and
        CommunicationError where the inverter or the connection does not do its part.
        """
        found = await self._identify()
        prior = self._prior
        if prior is not None and found.device_type is not prior.device_type:
            raise PlantTopologyMismatch("another product answers", prior, found)
        if Trait.EMS in self._traits:
            await self._look_at_rollup()
        await self._look_around()
        self._forget_absent()
        if prior is None:
            found = derive_capabilities(self._plant.register_caches)
            if self._defer_optional:
                return found
            await self._look_for_blocks(candidate_blocks(found))
            return derive_capabilities(self._plant.register_caches)
        return self._confirmed(prior, derive_capabilities(self._plant.register_caches, prior))

    async def rescan(self, present: PlantCapabilities) -> PlantCapabilities:
        """Return a layout with whatever has been added to it; nothing is taken away."""
        await self._identify()
        self._insists = False
        known = {
            Read(address, row.block)
            for row in present.peripherals
            for address in present.addresses(row.kind)
        }
        self._answered |= known
        self._believed |= known
        await self._look_around()
        self._forget_absent()
        found = present.merged(derive_capabilities(self._plant.register_caches))
        await self._look_for_blocks(
            read for read in candidate_blocks(found) if str(read) not in found.served_blocks
        )
        return present.merged(derive_capabilities(self._plant.register_caches))

    async def resume(self) -> PlantCapabilities:
        """Return the topology of ``prior`` if the same model answers, with its firmware of now."""
        prior = self._prior
        assert prior is not None
        found = await self._identify()
        if found.device_type is not prior.device_type:
            raise PlantTopologyMismatch("another product answers", prior, found)
        return replace(prior, arm_firmware_version=found.arm_firmware_version)

    async def probe_blocks(self, present: PlantCapabilities) -> PlantCapabilities:
        """Return a topology with the optional blocks that answer; nothing is taken away."""
        self._traits = present.traits
        unserved = [
            read for read in candidate_blocks(present) if str(read) not in present.served_blocks
        ]
        await self._look_for_blocks(unserved, twice=True)
        return present.merged(derive_capabilities(self._plant.register_caches, present))

    async def _identify(self) -> PlantCapabilities:
        """Find out what product it is."""
        request = IDENTITY.request
        answer = await self._transport.ask(request, self._known)
        if answer.verdict is not Verdict.STORED:
            await self._transport.ask(request, self._known)
        self._done += 1
        caches = self._plant.register_caches
        found = derive_capabilities({INVERTER_ADDRESS: caches.get(INVERTER_ADDRESS, {})})
        self._traits = found.traits
        self._tell(len(list(self._reads())))
        return found

    async def _look_around(self) -> None:
        """Ask every possible device; those that did not answer again if that may be chance.

        On a connection that loses nothing, silent_devices means that there is nothing.
        """
        await self._round(again=False)
        if self._insists and _FIRST_PACK in self._candidates.keys() - self._answered:
            # Nearly every hybrid has it, and it is dear to miss.
            await self._ask(_FIRST_PACK, RetryPolicy(self._known.timeout))
        for _ in range(self._probe.retries):
            if self._prior is None and not self._is_lossy:
                break
            await self._round(again=True)
        self._accept_late()

    async def _round(self, *, again: bool) -> None:
        tried = set(self._answered)
        while todo := [read for read in self._reads() if read not in tried]:
            read = todo[0]
            tried.add(read)
            self._candidates[read] = None
            await self._ask(read, self._policy(read, again=again))
            self._tell(len(todo) - 1)

    def _policy(self, read: Read, *, again: bool) -> RetryPolicy:
        if again:
            return RetryPolicy((self._probe if self._prior is None else self._known).timeout)
        return RetryPolicy(self._probe_timeout)

    @property
    def _probe_timeout(self) -> float:
        """How long to wait at first: what is there answers about as soon as the rest."""
        times, most = self._transport.answer_times, self._probe.timeout
        if len(times) < _ENOUGH_TO_TELL:
            return most
        return min(most, max(2 * max(times), _SHORTEST_PROBE * most))

    @property
    def _is_lossy(self) -> bool:
        return self._transport.error_count > self._error_count

    def _reads(self) -> Iterator[Read]:
        """Yield what to ask the possible devices, as far as is known which are possible."""
        if BMS_SUMMARY.block.needs in self._traits and self._prior is None:
            yield BMS_SUMMARY
        for row in _ORDER:
            if row.needs in self._traits:
                for address in self._addresses(row):
                    yield Read(address, row.block)

    def _addresses(self, row: PeripheralRow) -> Iterable[int]:
        if self._prior is not None:
            hinted = self._prior.addresses(row.kind)
            # Older records of stacks do not say where their modules are.
            if hinted or row.kind is not DeviceKind.HV_MODULE:
                return hinted
        match row.kind:
            case DeviceKind.HV_STACK:
                count = self._word(BMS_SUMMARY, _CONTROLLERS)
                return row.addresses[: 1 if count is None else count]
            case DeviceKind.HV_MODULE if Trait.AIO_MODULES in self._traits:
                return ()
            case DeviceKind.AIO_MODULE | DeviceKind.HV_MODULE:
                return [it for it in self._module_addresses() if it in row.addresses]
            case _:
                return row.addresses

    def _module_addresses(self) -> Iterable[int]:
        counts = (
            self._word(Read(it, HV_STACK.block), _MODULES) for it in self._addresses(HV_STACK)
        )
        return stacked_modules((0, count) for count in counts if count is not None)

    def _word(self, read: Read, register: Register) -> int | None:
        """Return a register of a block that is known to be there."""
        cache = self._plant.register_caches.get(read.device_address)
        return None if cache is None or read not in self._believed else cache.get(register)

    async def _ask(self, read: Read, policy: RetryPolicy) -> None:
        """Ask for a block, and note whether there was an answer and whether to believe it."""
        self._done += 1
        request = read.request
        try:
            if not self._has_come(read):
                answer = await self._transport.ask(request, policy, probing=True)
                self._answered.add(read)
                if (
                    answer.verdict is Verdict.HELD
                    and self._plant.stored_monotonic(read) is not None
                ):
                    self._believed.add(read)
        except ResponseTimeout:
            _LOGGER.debug("No answer to %s", read)
        if self._has_come(read):
            self._answered.add(read)
            self._believed.add(read)

    def _has_come(self, read: Read) -> bool:
        """Whether a block was stored since this began, whoever asked for it."""
        at = self._plant.stored_monotonic(read)
        return at is not None and at >= self._began

    def _forget_absent(self) -> None:
        """Drop what is stored of blocks that nobody vouches for any more."""
        for address, block in (read for read in self._candidates if read not in self._believed):
            self._plant.invalidate_presence(address, block.bank, block.start, block.count)
            self._plant.mark_absent(address, block.bank, block.start, block.count)

    def _accept_late(self) -> None:
        """Count what was answered only after its probe had given up."""
        for read in self._candidates:
            if read not in self._believed and self._has_come(read):
                self._answered.add(read)
                self._believed.add(read)

    async def _look_for_blocks(self, reads: Iterable[Read], *, twice: bool = False) -> None:
        """Ask for blocks that only some firmware serves, ``twice`` if silence may be chance."""
        todo = list(reads)
        self._candidates = dict.fromkeys(todo)
        for sweep in range(max(self._probe.retries, twice) + 1):
            if sweep and not twice and not self._is_lossy:
                break
            todo = [read for read in todo if read not in self._answered]
            for remaining, read in zip(reversed(range(len(todo))), todo, strict=True):
                await self._ask(read, RetryPolicy(self._probe_timeout))
                self._tell(remaining)
        self._accept_late()
        self._forget_absent()

    async def _look_at_rollup(self) -> None:
        """Read what a plant controller says of its inverters, and say where that is odd."""
        read = Read(INVERTER_ADDRESS, _ROLLUP)
        await self._ask(read, self._known)
        if read not in self._believed:
            _LOGGER.warning("The plant controller does not tell of its inverters")
            return
        ems = Ems.from_register_cache(self._plant.register_caches[INVERTER_ADDRESS])
        count = ems.inverter_count
        if count is None or not 1 <= count <= MAX_MANAGED_INVERTERS:
            _LOGGER.warning("The plant controller claims to have %s inverters", count)
            return
        for slot in range(1, count + 1):
            serial = getattr(ems, f"inverter_{slot}_serial_number")
            if not is_serial((serial or "").strip()):
                _LOGGER.warning("Inverter %d of the plant controller has no serial number", slot)

    def _confirmed(self, prior: PlantCapabilities, actual: PlantCapabilities) -> PlantCapabilities:
        """Return the layout if it is the expected one."""
        differing = [it for it in TOPOLOGY_FIELDS if getattr(prior, it) != getattr(actual, it)]
        if not prior.hv_bmu_addresses and "hv_bmu_addresses" in differing:
            # Older records of stacks do not say where their modules are.
            differing.remove("hv_bmu_addresses")
        if differing:
            raise PlantTopologyMismatch(
                f"the plant differs in {', '.join(differing)}", prior, actual
            )
        return actual

    def _tell(self, remaining: int) -> None:
        if self._progress is not None:
            self._progress(self._done, self._done + remaining)
