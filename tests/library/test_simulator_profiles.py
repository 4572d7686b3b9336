"""The ready-made plants of the simulator."""

import re
from collections.abc import Iterator

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plan import CONFIG, Read, possible
from givenergy_modbus.model.register import IR
from givenergy_modbus.model.topology import derive_capabilities
from givenergy_modbus.pdu import ReadRegistersResponse
from givenergy_modbus.simulator import PROFILES, Simulator, profile
from givenergy_modbus.simulator.device_registers import DeviceRegisters
from givenergy_modbus.simulator.plant_profile import models_at

from .raw_connection import RawConnection, ir

EVERY_PLANT = pytest.mark.parametrize("name", PROFILES)
LAYOUTS = {
    "gen1_hybrid": (Model.HYBRID_GEN1, [], 2, 0),
    "gen2_hybrid": (Model.HYBRID_GEN2, [1], 1, 0),
    "gen3_hybrid": (Model.HYBRID_GEN3, [], 1, 0),
    "ac_coupled": (Model.AC, [], 2, 0),
    "all_in_one": (Model.ALL_IN_ONE, [], 0, 4),
    "three_phase_hv": (Model.HYBRID_3PH, [1, 2], 0, 6),
    "hv_gen3": (Model.HYBRID_HV_GEN3, [], 0, 3),
    "ems": (Model.EMS, [1, 3], 0, 0),
    "gateway": (Model.GATEWAY, [1, 2], 0, 0),
}
"""Model, meters, packs and modules of every ready plant."""

MAYBE = {
    "gen1_hybrid": set(),
    "gen2_hybrid": {"HR(180,60)"},
    "gen3_hybrid": {"HR(180,60)", "HR(300,60)", "HR(318,3)"},
    "ac_coupled": {"HR(180,60)"},
    "all_in_one": {"HR(180,60)"},
    "three_phase_hv": {"HR(240,60)"},
    "hv_gen3": {"HR(180,60)"},
    "ems": set(),
    "gateway": set(),
}
"""Which of the blocks that only some firmware serves each one serves."""


def layout(simulator: Simulator) -> PlantCapabilities:
    """Return what there is to be found in a plant."""
    return derive_capabilities(simulator.registers)


class TestPlants:
    """The ready plants."""

    @EVERY_PLANT
    def test_layout(self, name: str) -> None:
        model, meters, packs, modules = LAYOUTS[name]
        found = layout(Simulator(name))
        assert found.device_type is model
        assert found.meter_addresses == meters
        assert len(found.lv_battery_addresses) == packs
        assert len(found.aio_battery_module_addresses + found.hv_bmu_addresses) == modules
        assert (found.lv_bcu_address is not None) == (name == "gen2_hybrid")

    @EVERY_PLANT
    async def test_every_planned_block_is_served(self, name: str) -> None:
        async with Simulator(name, latency=0) as simulator, RawConnection(simulator) as line:
            found = layout(simulator)
            assert found.measurement_plan
            for read in found.measurement_plan + found.config_plan:
                words = await line.page(read.request)
                assert len(words) == read.block.count

    @EVERY_PLANT
    async def test_blocks_only_some_firmware_serves(self, name: str) -> None:
        async with Simulator(name, latency=0) as simulator, RawConnection(simulator) as line:
            served = set()
            for block in possible(CONFIG, layout(simulator).traits):
                answers = await line.ask(Read(0x11, block).request)
                served |= {
                    f"{block.bank}({block.start},{block.count})"
                    for response in answers
                    if isinstance(response, ReadRegistersResponse) and not response.error
                }
            assert served == MAYBE[name]

    def test_serials_are_whole_and_unique(self) -> None:
        serials = [serial for name in PROFILES for serial in self._serials(name)]
        assert len(serials) > 30
        assert len(set(serials)) == len(serials)
        for serial in serials:
            assert re.fullmatch(r"[A-Z]{2}\d{4}[A-Z]\d{3}|EMS\d{7}", serial), serial

    def _serials(self, name: str) -> Iterator[str]:
        plant = profile(name)
        yield plant.adapter_serial
        for address, words in plant.build().items():
            for model in models_at(address, plant.traits):
                for field in model.register_fields.values():
                    repeated = field.name == "first_inverter_serial_number"
                    if not field.codec.identifies or repeated or field.registers[0].bank == "MR":
                        continue
                    if (serial := field.read(words)) is not None:
                        yield serial

    def test_letters_of_a_serial_may_have_gone_astray(self) -> None:
        module = profile("three_phase_hv").build()[0x55]
        assert (module[IR(110)], module[IR(114)]) == (0x4859, 0)

    def test_values_may_be_changed_by_name(self) -> None:
        plant = profile("gen1_hybrid", name="mine", devices={0x11: {"battery_soc_reserve": 33}})
        sheet = DeviceRegisters(plant.build()[0x11], *models_at(0x11, plant.traits))
        assert (plant.name, sheet["battery_soc_reserve"]) == ("mine", 33)
        assert sheet["charge_target_soc"] == 85

    def test_unknown_names_are_refused(self) -> None:
        with pytest.raises(ValueError, match="gen1_hybrid"):
            profile("gen9_hybrid")
        with pytest.raises(ValueError, match="no register is called 'battery_sock'"):
            profile("gen1_hybrid", devices={0x11: {"battery_sock": 33}}).build()
        with pytest.raises(ValueError, match="battery_power_mode cannot be 'ECO'"):
            profile("gen1_hybrid", devices={0x11: {"battery_power_mode": "ECO"}}).build()

    def test_unknown_type_code_still_makes_a_plant(self) -> None:
        simulator = Simulator(profile("gen1_hybrid", devices={0x11: {"device_type_code": "9001"}}))
        assert layout(simulator).device_type is None
        assert simulator.bus.answer(ir(0)) is not None
