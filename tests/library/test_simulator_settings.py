"""A simulated plant obeys its settings."""

from collections.abc import Mapping
from typing import Any

import pytest
from givenergy_modbus.model.plan import INVERTER_ADDRESS
from givenergy_modbus.model.register import Bank

from tests.library.simulated_days import EVENING, NIGHT, NOON, Plant, with_settings


class TestSettings:
    """What the settings ask for happens."""

    def test_charge_slot_fills_to_the_target(self) -> None:
        plant = Plant(
            with_settings("gen1_hybrid", 30, charge_slot_1="01:00-05:00", charge_target_soc=50),
            NIGHT,
        )
        assert plant.world.battery == -2600
        assert plant.world.grid < -2600, "from the grid"
        plant.simulation.step(2.5 * 3600)
        assert round(plant.world.soc) == 50
        assert plant.world.battery == 0, "and holds it while the window lasts"

    @pytest.mark.parametrize(
        "settings",
        [{"enable_charge": False}, {"charge_slot_1": "05:00-06:00"}, {"charge_target_soc": 25}],
    )
    def test_nothing_charges_outside_of_it(self, settings: Mapping[str, Any]) -> None:
        plant = Plant(with_settings("gen1_hybrid", 30, **settings), NIGHT)
        assert plant.world.battery >= 0

    def test_target_counts_only_while_enabled(self) -> None:
        plant = Plant(
            with_settings("gen1_hybrid", 60, charge_target_soc=50, enable_charge_target=False),
            NIGHT,
        )
        assert plant.world.battery < -2000

    def test_each_of_ten_slots_has_a_target(self) -> None:
        plant = Plant(
            with_settings(
                "all_in_one",
                40,
                charge_slot_1="00:00-00:00",
                charge_slot_7="01:00-04:00",
                charge_target_soc_7=45,
            ),
            NIGHT,
        )
        assert plant.world.battery < -3000
        plant.simulation.step(3600)
        assert round(plant.world.soc) == 45

    def test_slot_may_run_past_midnight(self) -> None:
        plant = Plant(with_settings("gen1_hybrid", 30, charge_slot_1="23:00-03:00"), NIGHT)
        assert plant.world.battery < -2000

    def test_eco_mode_follows_the_house(self) -> None:
        plant = Plant("gen1_hybrid", EVENING.replace(hour=23))
        for _ in plant.live(1800, step=60):
            assert plant.world.battery > 0
            assert abs(plant.world.grid) < 80

    def test_reserve_is_left_alone(self) -> None:
        plant = Plant(with_settings("gen1_hybrid", 40, battery_soc_reserve=40), EVENING)
        assert plant.world.battery == 0
        assert plant.world.grid < 0

    def test_timed_export_pours_the_battery_out(self) -> None:
        settings = {
            "battery_power_mode": "EXPORT",
            "enable_discharge": True,
            "discharge_slot_1": "20:00-22:00",
        }
        plant = Plant(with_settings("gen1_hybrid", 80, **settings), EVENING)
        assert plant.world.battery == 2600
        assert plant.world.grid > 0
        plant.simulation.step(2 * 3600)
        assert plant.world.battery == 0, "outside of it the charge is kept"

    def test_timed_discharge_waits_for_its_slot(self) -> None:
        settings = {"enable_discharge": True, "discharge_slot_1": "22:00-23:30"}
        plant = Plant(with_settings("gen1_hybrid", 80, **settings), EVENING)
        assert plant.world.battery == 0
        plant.simulation.step(2 * 3600)
        assert plant.world.battery > 0

    @pytest.mark.parametrize(
        ("mode", "noon", "evening"),
        [(0, True, True), (1, False, True), (2, True, False), (3, 0, 0)],
    )
    def test_pause(self, mode: int, noon: bool, evening: bool) -> None:
        plant = with_settings("all_in_one", 50, battery_pause_mode=mode)
        assert (Plant(plant, NOON).world.battery < 0) == noon
        assert (Plant(plant, EVENING.replace(hour=23)).world.battery > 0) == evening

    def test_pause_needs_its_window(self) -> None:
        settings = {"battery_pause_mode": 3, "battery_pause_slot_1": "01:00-02:00"}
        plant = Plant(with_settings("all_in_one", 50, **settings), NOON)
        assert plant.world.battery < 0

    def test_limits_are_kept(self) -> None:
        slow = with_settings("gen1_hybrid", 30, battery_charge_limit=5)
        assert Plant(slow, NIGHT.replace(hour=1)).world.battery == -820
        slow = with_settings("all_in_one", 30, battery_charge_limit_ac=10)
        assert Plant(slow, NIGHT.replace(hour=1)).world.battery == -600

    def test_active_power_rate_caps_the_output(self) -> None:
        plant = Plant(with_settings("gen1_hybrid", 100, active_power_rate=20), NOON)
        for _ in plant.live(1800, step=60):
            assert plant.world.ac <= 1000
            assert plant.world.solar < 1200, "panels make what can be used"
        exporting = {
            "battery_power_mode": "EXPORT",
            "enable_discharge": True,
            "discharge_slot_1": "20:00-22:00",
            "active_power_rate": 20,
        }
        plant = Plant(with_settings("ac_coupled", 80, **exporting), EVENING)
        assert plant.world.ac == 600

    def test_backup_output(self) -> None:
        assert Plant(with_settings("ac_coupled", enable_eps=False)).device()["p_backup"] == 0
        assert Plant("ac_coupled").device()["p_backup"] > 0

    def test_three_phase_forces(self) -> None:
        charging = {"charge_slot_1": "01:00-05:00", "ac_charge_enable": True}
        plant = Plant(with_settings("three_phase_hv", 30, **charging), NIGHT)
        assert plant.device()["p_battery_charge"] == 10000
        discharging = {"discharge_slot_1": "20:00-22:00", "force_discharge_enable": True}
        plant = Plant(with_settings("three_phase_hv", 80, **discharging), EVENING)
        assert plant.device()["p_battery_discharge"] == 10000

    def test_controllers_schedule(self) -> None:
        plant = Plant(with_settings("ems", 30, charge_slot_1="01:00-05:00"), NIGHT)
        assert plant.device()["total_battery_power"] == -6000
        exporting = {"export_slot_2": "20:00-22:00", "export_power_limit": 2500}
        plant = Plant(with_settings("ems", 80, **exporting), EVENING)
        assert plant.device()["total_battery_power"] == 2500
        waiting = {"discharge_slot_1": "22:00-23:00"}
        plant = Plant(with_settings("ems", 80, **waiting), EVENING)
        assert plant.device()["total_battery_power"] <= 0
        plant = Plant(with_settings("ems", 80, plant_enabled=False, **exporting), EVENING)
        assert 0 < plant.device()["total_battery_power"] < 2500


@pytest.mark.parametrize("name", ["all_in_one", "gen3_hybrid", "hv_gen3"])
def test_ten_slot_models_keep_charge_slot_2_beside_its_target(name: str) -> None:
    """The registers are those an owner's All-in-One used, independent of our declarations."""
    plant = Plant(with_settings(name, soc=40.0, enable_charge=True), NIGHT)
    words = plant.registers[INVERTER_ADDRESS]
    words.store(Bank.HOLDING, 94, (0, 0))
    words.store(Bank.HOLDING, 31, (100, 500))
    assert not charges(plant)
    words.store(Bank.HOLDING, 243, (100, 500))
    assert charges(plant)


def charges(plant: Plant) -> bool:
    """Return whether the battery charges in the next minute."""
    before = plant.world.soc
    for _ in plant.live(60, 10):
        pass
    return plant.world.soc > before
