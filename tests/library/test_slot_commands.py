"""Where each device keeps its daily slots, and what may stand in one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from inspect import signature
from math import inf, nan
from typing import Any

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.exceptions import InvalidSetting
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.commands.slot_map import slot_map_of
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.inverter import EXTENDED_SLOTS, SINGLE_PHASE_SLOTS
from givenergy_modbus.model.inverter_threephase import THREE_PHASE_SLOTS

from tests.library.devices import EMS, HYBRID, NIGHT, TEN_SLOTS, THREE_PHASE, Writes, writes


@pytest.mark.parametrize(
    ("slot_map", "kind", "idx", "start"),
    [
        (SINGLE_PHASE_SLOTS, "charge", 1, 94),
        (SINGLE_PHASE_SLOTS, "charge", 2, 31),
        (SINGLE_PHASE_SLOTS, "discharge", 1, 56),
        (SINGLE_PHASE_SLOTS, "discharge", 2, 44),
        (EXTENDED_SLOTS, "charge", 2.0, 243),
        (EXTENDED_SLOTS, "charge", 3, 246),
        (EXTENDED_SLOTS, "charge", 10, 267),
        (EXTENDED_SLOTS, "discharge", 3, 276),
        (EXTENDED_SLOTS, "discharge", 10, 297),
        (THREE_PHASE_SLOTS, "charge", 1, 1113),
        (THREE_PHASE_SLOTS, "charge", 2, 1115),
        (THREE_PHASE_SLOTS, "charge", 3, 246),
        (THREE_PHASE_SLOTS, "discharge", 1, 1118),
        (THREE_PHASE_SLOTS, "discharge", 2, 1120),
        (slot_map_of(Ems), "charge", 3, 2059),
    ],
)
def test_slot_functions(slot_map: Any, kind: str, idx: int, start: int) -> None:
    """A slot's two ends lie side by side, wherever the slot map has them."""

    def call(name: str, *arguments: Any) -> Writes:
        return writes(getattr(commands, name)(idx, *arguments, slot_map=slot_map))

    assert call(f"set_{kind}_slot", NIGHT) == [(start, 2330), (start + 1, 530)]
    assert call(f"set_{kind}_slot", None) == [(start, 0), (start + 1, 0)]
    assert call(f"reset_{kind}_slot") == [(start, 0), (start + 1, 0)]
    assert call(f"set_{kind}_slot_start", time(23, 59, 59)) == [(start, 2359)]
    assert call(f"set_{kind}_slot_end", datetime(2024, 1, 2, 0, 5, tzinfo=UTC)) == [(start + 1, 5)]
    assert call(f"set_{kind}_slot_end", None) == [(start + 1, 0)]


@pytest.mark.parametrize(
    ("device", "kind", "idx", "start"),
    [
        (HYBRID, "charge", 2, 31),
        (TEN_SLOTS, "charge", 5, 252),
        (TEN_SLOTS, "discharge", 10, 297),
        (THREE_PHASE, "charge", 1, 1113),
        (THREE_PHASE, "discharge", 4, 279),
    ],
)
def test_slot_methods(device: Any, kind: str, idx: int, start: int) -> None:
    """An inverter knows where it keeps its own slots."""

    def call(name: str, *arguments: Any) -> Writes:
        return writes(getattr(device, name)(idx, *arguments))

    assert call(f"set_{kind}_slot", NIGHT) == [(start, 2330), (start + 1, 530)]
    assert call(f"reset_{kind}_slot") == [(start, 0), (start + 1, 0)]
    assert call(f"set_{kind}_slot_start", time(6)) == [(start, 600)]
    assert call(f"set_{kind}_slot_end", None) == [(start + 1, 0)]


@pytest.mark.parametrize(
    ("slot_map", "kind", "idx", "register"),
    [
        (EXTENDED_SLOTS, "charge", 1, 242),
        (EXTENDED_SLOTS, "charge", 10, 269),
        (EXTENDED_SLOTS, "discharge", 1, 272),
        (EXTENDED_SLOTS, "discharge", 10, 299),
        (THREE_PHASE_SLOTS, "charge", 3, 248),
    ],
)
def test_slot_targets(slot_map: Any, kind: str, idx: int, register: int) -> None:
    """Ten-slot devices have a target for every slot."""
    command = getattr(commands, f"set_{kind}_slot_target_soc")
    assert writes(command(idx, 50.0, slot_map)) == [(register, 50)]
    for soc in (3, 101, True, "50"):
        with pytest.raises(InvalidSetting, match=f"{kind}_target_soc_{idx} must be 4 to 100"):
            command(idx, soc, slot_map)


def test_slot_target_methods() -> None:
    """A command for a missing target raises an error."""
    assert writes(TEN_SLOTS.set_charge_slot_target_soc(2, 80)) == [(245, 80)]
    assert writes(TEN_SLOTS.set_discharge_slot_target_soc(3, 10)) == [(278, 10)]
    with pytest.raises(ValueError, match="no target of its own"):
        HYBRID.set_charge_slot_target_soc(1, 80)
    with pytest.raises(ValueError, match="no target of its own"):
        THREE_PHASE.set_discharge_slot_target_soc(2, 80)


@pytest.mark.parametrize(
    ("kind", "first"), [("charge", 2053), ("discharge", 2044), ("export", 2062)]
)
@pytest.mark.parametrize("idx", [1, 2, 3])
def test_ems_slots(kind: str, first: int, idx: int) -> None:
    """A plant controller has three slots of each kind, each with a target."""
    start = first + 3 * (idx - 1)
    for device in (EMS, Ems, commands):

        def call(name: str, *arguments: Any, of: Any = device) -> Writes:
            return writes(getattr(of, name)(idx, *arguments))

        assert call(f"set_ems_{kind}_slot", NIGHT) == [(start, 2330), (start + 1, 530)]
        assert call(f"set_ems_{kind}_slot", None) == [(start, 0), (start + 1, 0)]
        assert call(f"set_ems_{kind}_slot_start", time(1)) == [(start, 100)]
        assert call(f"set_ems_{kind}_slot_end", None) == [(start + 1, 0)]
        assert call(f"set_ems_{kind}_target_soc", 0) == [(start + 2, 0)]


@pytest.mark.parametrize("value", ["12:30", "", 1230, 0, 12.5, True, False, [], date(2024, 1, 1)])
def test_times(value: Any) -> None:
    """A time is a time: no text, no number."""
    takers: tuple[Callable[[Any], Any], ...] = (
        lambda t: commands.set_charge_slot_start(1, t, SINGLE_PHASE_SLOTS),
        lambda t: commands.set_discharge_slot_end(1, t, SINGLE_PHASE_SLOTS),
        lambda t: commands.set_charge_slot(1, t, SINGLE_PHASE_SLOTS),
        lambda t: commands.set_charge_slot(1, TimeSlot(time(1), t), SINGLE_PHASE_SLOTS),
        lambda t: commands.set_ems_export_slot_start(1, t),
        lambda t: commands.set_ems_export_slot(1, t),
        commands.set_mode_storage,
        commands.set_pause_slot,
        commands.set_pause_slot_end,
        lambda t: commands.set_smart_load_slot(1, t),
    )
    for command in takers:
        with pytest.raises(InvalidSetting, match=r"must be a (time of day|TimeSlot) or None"):
            command(value)


@pytest.mark.parametrize("idx", [0, -1, 3, 11, True, 1.5, "1", None, nan, inf])
def test_indices(idx: Any) -> None:
    """A slot the device lacks is no slot."""
    takers: tuple[Callable[[], Any], ...] = (
        lambda: commands.set_charge_slot(idx, NIGHT, SINGLE_PHASE_SLOTS),
        lambda: commands.reset_discharge_slot(idx, SINGLE_PHASE_SLOTS),
        lambda: HYBRID.set_charge_slot_start(idx, time(1)),
        lambda: commands.set_charge_slot_target_soc(idx, 50, SINGLE_PHASE_SLOTS),
        lambda: commands.set_ems_charge_slot(idx if idx != 3 else 4, NIGHT),
        lambda: commands.set_ems_charge_target_soc(idx if idx != 3 else 4, 50),
        lambda: commands.set_smart_load_slot(idx if idx != 3 else 11, NIGHT),
    )
    for command in takers:
        with pytest.raises(ValueError, match=r"slot|target"):
            command()


def test_slot_map_is_required() -> None:
    """A slot function does not guess which device is meant."""
    for name in dir(commands):
        if name.startswith(("set_charge_slot", "set_discharge_slot", "reset_")) and (
            not name.endswith(("_1", "_2"))
        ):
            parameter = signature(getattr(commands, name)).parameters["slot_map"]
            assert parameter.default is parameter.empty
    with pytest.raises(TypeError):
        commands.set_charge_slot(1, NIGHT)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        HYBRID.set_mode_storage()  # type: ignore[call-arg]
