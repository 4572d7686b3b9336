"""Detection of the devices of a plant."""

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
"""Called with the number of reads done, and of those expected in total."""

_ORDER = (HV_STACK, AIO_MODULE, HV_MODULE, LV_BATTERY, LV_BCU, METER)
"""Stacks before their modules, whose number the stacks report.

Meters last: while most of them do not answer, others still may, late.
"""

_ENOUGH_TIMES = 3
_SHORTEST_PROBE = 0.8
"""Share of its time-out that a probe gets if all responses are quick; a second one gets it all."""

_CONTROLLERS = IR(61)
_MODULES = IR(64)
_FIRST_PACK = Read(LV_BATTERY.addresses.start, LV_BATTERY.block)
_ROLLUP = next(block for block in MEASUREMENTS if Trait.EMS in block.needs)


class Detection:
    """One detection of a plant: of all possible devices or, with ``prior``, of known ones."""

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
        """Initialize with the policies for expected devices and for possible ones."""
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
        """Every requested block of a possible device, in order."""
        self._answered: set[Read] = set()
        self._accepted: set[Read] = set()
        self._repeats_first_pack = prior is None

    async def run(self) -> PlantCapabilities:
        """Return the topology of the plant.

        Raises PlantTopologyMismatch if it differs from ``prior``, and
        CommunicationError if the inverter does not respond or the connection is lost.
        """
        found = await self._identify()
        prior = self._prior
        if prior is not None and found.device_type is not prior.device_type:
            raise PlantTopologyMismatch("another model responds", prior, found)
        if Trait.EMS in self._traits:
            await self._read_rollup()
        await self._probe_devices()
        self._forget_absent()
        if prior is None:
            found = derive_capabilities(self._plant.register_caches)
            if self._defer_optional:
                return found
            await self._probe_optional_blocks(candidate_blocks(found))
            return derive_capabilities(self._plant.register_caches)
        return self._confirmed(prior, derive_capabilities(self._plant.register_caches, prior))

    async def rescan(self, present: PlantCapabilities) -> PlantCapabilities:
        """Return a topology with the added devices and blocks; nothing is removed."""
        await self._identify()
        self._repeats_first_pack = False
        known = {
            Read(address, row.block)
            for row in present.peripherals
            for address in present.addresses(row.kind)
        }
        self._answered |= known
        self._accepted |= known
        await self._probe_devices()
        self._forget_absent()
        found = present.merged(derive_capabilities(self._plant.register_caches))
        await self._probe_optional_blocks(
            read for read in candidate_blocks(found) if str(read) not in found.served_blocks
        )
        return present.merged(derive_capabilities(self._plant.register_caches))

    async def resume(self) -> PlantCapabilities:
        """Return the topology of ``prior`` if the same model answers, with its firmware of now."""
        prior = self._prior
        assert prior is not None
        found = await self._identify()
        if found.device_type is not prior.device_type:
            raise PlantTopologyMismatch("another model responds", prior, found)
        return replace(prior, arm_firmware_version=found.arm_firmware_version)

    async def probe_blocks(self, present: PlantCapabilities) -> PlantCapabilities:
        """Return a topology with the optional blocks that answer; nothing is taken away."""
        self._traits = present.traits
        unserved = [
            read for read in candidate_blocks(present) if str(read) not in present.served_blocks
        ]
        await self._probe_optional_blocks(unserved, twice=True)
        return present.merged(derive_capabilities(self._plant.register_caches, present))

    async def _identify(self) -> PlantCapabilities:
        """Read the identity of the inverter, and return its model."""
        request = IDENTITY.request
        answer = await self._transport.ask(request, self._known)
        if answer.verdict is not Verdict.STORED:
            await self._transport.ask(request, self._known)
        self._done += 1
        caches = self._plant.register_caches
        found = derive_capabilities({INVERTER_ADDRESS: caches.get(INVERTER_ADDRESS, {})})
        self._traits = found.traits
        self._report_progress(len(list(self._reads())))
        return found

    async def _probe_devices(self) -> None:
        """Probe every possible device; on a lossy connection, repeat those that are silent.

        On a connection that loses nothing, silence means that there is no device.
        """
        await self._round(again=False)
        if self._repeats_first_pack and _FIRST_PACK in self._candidates.keys() - self._answered:
            # Nearly every hybrid has it, so a miss is costly.
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
            self._report_progress(len(todo) - 1)

    def _policy(self, read: Read, *, again: bool) -> RetryPolicy:
        if again:
            return RetryPolicy((self._probe if self._prior is None else self._known).timeout)
        return RetryPolicy(self._probe_timeout)

    @property
    def _probe_timeout(self) -> float:
        """The time-out of a first probe: a device responds about as fast as the others."""
        times, most = self._transport.answer_times, self._probe.timeout
        if len(times) < _ENOUGH_TIMES:
            return most
        return min(most, max(2 * max(times), _SHORTEST_PROBE * most))

    @property
    def _is_lossy(self) -> bool:
        return self._transport.error_count > self._error_count

    def _reads(self) -> Iterator[Read]:
        """Yield the blocks of the devices that are possible as far as is known."""
        if BMS_SUMMARY.block.needs in self._traits and self._prior is None:
            yield BMS_SUMMARY
        for row in _ORDER:
            if row.needs in self._traits:
                for address in self._addresses(row):
                    yield Read(address, row.block)

    def _addresses(self, row: PeripheralRow) -> Iterable[int]:
        if self._prior is not None:
            hinted = self._prior.addresses(row.kind)
            # Older topologies of stacks do not have the addresses of their modules.
            if hinted or row.kind is not DeviceKind.HV_MODULE:
                return hinted
        match row.kind:
            case DeviceKind.HV_STACK:
                count = self._word(BMS_SUMMARY, _CONTROLLERS)
                return row.addresses[: 1 if count is None else count]
            case DeviceKind.HV_MODULE if Trait.AIO_MODULES in self._traits:
                return ()
            case DeviceKind.AIO_MODULE | DeviceKind.HV_MODULE:
                return [address for address in self._module_addresses() if address in row.addresses]
            case _:
                return row.addresses

    def _module_addresses(self) -> Iterable[int]:
        counts = (
            self._word(Read(address, HV_STACK.block), _MODULES)
            for address in self._addresses(HV_STACK)
        )
        return stacked_modules((0, count) for count in counts if count is not None)

    def _word(self, read: Read, register: Register) -> int | None:
        """Return a register of a block that is known to be served."""
        cache = self._plant.register_caches.get(read.device_address)
        return None if cache is None or read not in self._accepted else cache.get(register)

    async def _ask(self, read: Read, policy: RetryPolicy) -> None:
        """Request a block, and record whether it was answered and accepted."""
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
                    self._accepted.add(read)
        except ResponseTimeout:
            _LOGGER.debug("No answer to %s", read)
        if self._has_come(read):
            self._answered.add(read)
            self._accepted.add(read)

    def _has_come(self, read: Read) -> bool:
        """Whether a block was stored since this began, in a response to any client."""
        at = self._plant.stored_monotonic(read)
        return at is not None and at >= self._began

    def _forget_absent(self) -> None:
        """Drop the stored registers of blocks that did not respond."""
        for address, block in (read for read in self._candidates if read not in self._accepted):
            self._plant.invalidate_presence(address, block.bank, block.start, block.count)
            self._plant.mark_absent(address, block.bank, block.start, block.count)

    def _accept_late(self) -> None:
        """Count blocks that were answered after the time-out of their probe."""
        for read in self._candidates:
            if read not in self._accepted and self._has_come(read):
                self._answered.add(read)
                self._accepted.add(read)

    async def _probe_optional_blocks(self, reads: Iterable[Read], *, twice: bool = False) -> None:
        """Probe blocks that only some firmware serves; ``twice`` repeats silent ones."""
        todo = list(reads)
        self._candidates = dict.fromkeys(todo)
        for sweep in range(max(self._probe.retries, twice) + 1):
            if sweep and not twice and not self._is_lossy:
                break
            todo = [read for read in todo if read not in self._answered]
            for remaining, read in zip(reversed(range(len(todo))), todo, strict=True):
                await self._ask(read, RetryPolicy(self._probe_timeout))
                self._report_progress(remaining)
        self._accept_late()
        self._forget_absent()

    async def _read_rollup(self) -> None:
        """Read the roll-up of an EMS's inverters, and log implausible entries."""
        read = Read(INVERTER_ADDRESS, _ROLLUP)
        await self._ask(read, self._known)
        if read not in self._accepted:
            _LOGGER.warning("The EMS does not report its inverters")
            return
        ems = Ems.from_register_cache(self._plant.register_caches[INVERTER_ADDRESS])
        count = ems.inverter_count
        if count is None or not 1 <= count <= MAX_MANAGED_INVERTERS:
            _LOGGER.warning("The EMS reports %s inverters", count)
            return
        for slot in range(1, count + 1):
            serial = getattr(ems, f"inverter_{slot}_serial_number")
            if not is_serial((serial or "").strip()):
                _LOGGER.warning("Inverter %d of the EMS has no serial number", slot)

    def _confirmed(self, prior: PlantCapabilities, actual: PlantCapabilities) -> PlantCapabilities:
        """Return the topology if it is the expected one."""
        differing = [
            name for name in TOPOLOGY_FIELDS if getattr(prior, name) != getattr(actual, name)
        ]
        if not prior.hv_bmu_addresses and "hv_bmu_addresses" in differing:
            # Older topologies of stacks do not have the addresses of their modules.
            differing.remove("hv_bmu_addresses")
        if differing:
            raise PlantTopologyMismatch(
                f"the plant differs in {', '.join(differing)}", prior, actual
            )
        return actual

    def _report_progress(self, remaining: int) -> None:
        if self._progress is not None:
            self._progress(self._done, self._done + remaining)
