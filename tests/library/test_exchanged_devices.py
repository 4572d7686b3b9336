"""Another device at an address continues nothing of the one before."""

from typing import Any

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.guards import Verdict
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import IR, Bank, Register

from tests.library.answers import after, answer, block, pack, put, words_of

PAGE = Read(0x33, Block(Bank.INPUT, 60, 60))
CHARGED = IR(105)


def page_of(serial: str, **changed: int) -> tuple[int, ...]:
    """Return the page of a pack with a serial number."""
    words = list(pack(**changed))
    words[50:55] = words_of(serial)
    return tuple(words)


def charged(words: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Return a page with another counter of energy."""
    return (*words[:45], total, *words[46:])


def read(plant: Plant, words: tuple[int, ...], seconds: float) -> Verdict:
    return plant.update(answer(0x33, IR(60), words), after(seconds))


def with_pack(serial: str = "BG2238G219", total: int = 9000) -> Plant:
    """Return a plant whose pack is known well."""
    plant = Plant(PlantCapabilities(Model.HYBRID_GEN1, lv_battery_addresses=[0x33]))
    for seconds in range(0, 200, 20):
        assert read(plant, charged(page_of(serial), total), seconds) is Verdict.STORED
    assert plant.is_corroborated(PAGE)
    return plant


def counters(plant: Plant) -> dict[str, Any]:
    """Return the counters of the pack that are remembered."""
    memory: dict[str, Any] = plant.energy_memory()["0x33"]
    return memory


def test_counters_of_another_pack_are_its_own_at_once() -> None:
    plant = with_pack(total=9000)
    other = charged(page_of("ZZ2601G001"), 12)
    assert read(plant, other, 600) is Verdict.STORED, "after a gap nothing is doubted"
    (battery,) = plant.batteries
    assert (battery.serial_number, battery.e_battery_discharge_total) == ("ZZ2601G001", 1.2)
    assert not plant.is_corroborated(PAGE)
    assert counters(plant)["serial"] == "ZZ2601G001"


def test_another_serial_number_is_held_until_it_is_corroborated() -> None:
    plant = with_pack(total=9000)
    other = charged(page_of("ZZ2601G001"), 12)
    assert read(plant, other, 200) is Verdict.HELD
    assert plant.batteries[0].serial_number == "BG2238G219"
    later = (other[0] + 1, *other[1:])
    assert read(plant, later, 215) is Verdict.STORED
    (battery,) = plant.batteries
    assert (battery.serial_number, battery.e_battery_discharge_total) == ("ZZ2601G001", 1.2)
    assert plant.is_corroborated(PAGE)


@pytest.mark.parametrize("serial", ["BG2238G219", "ZZ2601G001"])
def test_remembered_counters_are_for_the_pack_they_are_of(serial: str) -> None:
    later = Plant(PlantCapabilities(Model.HYBRID_GEN1, lv_battery_addresses=[0x33]))
    later.restore_energy(with_pack(total=9000).energy_memory())
    read(later, charged(page_of(serial), 12), 0)
    shown = later.batteries[0].e_battery_discharge_total
    assert shown == (900.0 if serial == "BG2238G219" else 1.2)


def stack_page(serial: str) -> tuple[int, ...]:
    return block(IR(120), 60, put(IR(138), words_of(serial)))


def test_all_blocks_of_another_stack_are_read_anew() -> None:
    plant = Plant(PlantCapabilities(Model.HYBRID_3PH, bcu_stacks=[(0, 1)]))
    values: dict[Register, int] = {IR(60): 0x4241, IR(64): 1, IR(98): 520}
    plant.update(answer(0x70, IR(60), block(IR(60), 60, values)), after(0))
    plant.update(answer(0x70, IR(120), stack_page("HB2336G001")), after(0))
    assert plant.update(answer(0x70, IR(120), stack_page("HB2336G001")), after(0)) is Verdict.STORED
    assert (
        plant.update(answer(0x70, IR(120), stack_page("ZZ2601G001")), after(900)) is Verdict.STORED
    )
    assert IR(64) not in plant.register_caches[0x70]
    assert plant.stored_at(Read(0x70, Block(Bank.INPUT, 60, 60))) is None
    assert plant.hv_stacks[0].serial_number == "ZZ2601G001"


def test_another_serial_number_of_a_module_is_held_too() -> None:
    plant = Plant(PlantCapabilities(Model.HYBRID_3PH, bcu_stacks=[(0, 1)], hv_bmu_addresses=[0x50]))

    def module(serial: str, at: float, first: int = 3300) -> Verdict:
        words = {IR(60): first, **put(IR(114), words_of(serial))}
        return plant.update(answer(0x50, IR(60), block(IR(60), 60, words)), after(at))

    for seconds in range(0, 200, 20):
        module("HY2336G001", seconds)
    assert module("ZZ2601G001", 200) is Verdict.HELD
    assert module("HY2336G001", 220) is Verdict.STORED
    assert module("ZZ2601G001", 240) is Verdict.HELD
    assert module("ZZ2601G001", 260, first=3301) is Verdict.STORED


def test_an_empty_place_is_told_from_a_page_that_is_refused() -> None:
    plant = with_pack()
    assert read(plant, (0,) * 60, 220) is Verdict.REJECTED
    assert plant.is_empty_place(0x33)
    assert read(plant, charged(page_of("ZZ2601G001"), 12), 240) is Verdict.HELD
    assert not plant.is_empty_place(0x33)


def test_a_device_that_was_removed_is_forgotten() -> None:
    plant = with_pack()
    plant.forget_device(0x33)
    assert not plant.register_caches[0x33]
    assert plant.energy_memory() == {}
    assert plant.stored_at(PAGE) is None
    assert not plant.is_corroborated(PAGE)
