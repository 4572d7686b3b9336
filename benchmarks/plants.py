"""The plants that are measured, and their responses."""

from dataclasses import dataclass
from typing import Any

from givenergy_modbus import pdu
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.register_cache import RegisterCache, to_compact
from givenergy_modbus.model.topology import derive_capabilities
from givenergy_modbus.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Sample:
    """What a plant answers with when everything is read once."""

    capabilities: PlantCapabilities
    frames: list[bytes]
    registers: dict[int, RegisterCache]

    @property
    def task(self) -> dict[str, Any]:
        """The plant as both sides are given it."""
        return {
            "frames": [frame.hex() for frame in self.frames],
            "registers": to_compact(self.registers),
            "capabilities": self.capabilities.to_dict(),
        }


def sample(name: str) -> Sample:
    """Return what a simulated plant answers with, a minute into its day."""
    simulator = Simulator(name)
    simulator.step(60)
    capabilities = derive_capabilities(simulator.registers)
    frames: list[bytes] = []
    registers: dict[int, RegisterCache] = {}
    for read in dict.fromkeys(capabilities.config_plan + capabilities.measurement_plan):
        ask = getattr(pdu, read.block.request_type)
        answer = simulator.bus.answer(
            ask(
                device_address=read.device_address,
                base_register=read.block.start,
                register_count=read.block.count,
            )
        )
        if isinstance(answer, pdu.ReadRegistersResponse) and not answer.error:
            frames.append(answer.encode())
            cache = registers.setdefault(read.device_address, RegisterCache())
            cache.store(read.block.bank, read.block.start, answer.register_values)
    return Sample(capabilities, frames, registers)
