"""Commands under names they used to have."""

from typing import NoReturn
from warnings import deprecated

from ..exceptions import PlantNotDetected
from ..model import TimeSlot
from ..model.commands import slot_commands
from ..model.commands.slot_map import SlotMap
from ..model.inverter import SINGLE_PHASE_SLOTS, SinglePhaseInverter
from ..model.inverter_threephase import ThreePhaseInverter
from ..model.register_model import Requests


@deprecated("set_shallow_charge is now called set_battery_soc_reserve")
def set_shallow_charge(val: int) -> Requests:
    """Do what ``set_battery_soc_reserve`` does."""
    return SinglePhaseInverter.set_battery_soc_reserve(val)


@deprecated("set_charge_target_3ph is now called set_charge_target_enabled_3ph")
def set_charge_target_3ph(target_soc: int) -> Requests:
    """Do what ``set_charge_target_enabled_3ph`` does."""
    return ThreePhaseInverter.set_charge_target_enabled(target_soc)


@deprecated("enable_charge() is now set_enable_charge(True)")
def enable_charge() -> Requests:
    """Allow charging from the AC side."""
    return SinglePhaseInverter.set_enable_charge(True)


@deprecated("disable_charge() is now set_enable_charge(False)")
def disable_charge() -> Requests:
    """Forbid charging from the AC side."""
    return SinglePhaseInverter.set_enable_charge(False)


@deprecated("enable_discharge() is now set_enable_discharge(True)")
def enable_discharge() -> Requests:
    """Turn the discharge slots on."""
    return SinglePhaseInverter.set_enable_discharge(True)


@deprecated("disable_discharge() is now set_enable_discharge(False)")
def disable_discharge() -> Requests:
    """Turn the discharge slots off."""
    return SinglePhaseInverter.set_enable_discharge(False)


@deprecated("set_charge_slot_1(...) is now set_charge_slot(1, ...)")
def set_charge_slot_1(
    timeslot: TimeSlot | None, slot_map: SlotMap = SINGLE_PHASE_SLOTS
) -> Requests:
    """Set the first charge slot."""
    return slot_commands.set_charge_slot(1, timeslot, slot_map)


@deprecated("set_charge_slot_2(...) is now set_charge_slot(2, ...)")
def set_charge_slot_2(
    timeslot: TimeSlot | None, slot_map: SlotMap = SINGLE_PHASE_SLOTS
) -> Requests:
    """Set the second charge slot."""
    return slot_commands.set_charge_slot(2, timeslot, slot_map)


@deprecated("reset_charge_slot_1() is now reset_charge_slot(1, ...)")
def reset_charge_slot_1(slot_map: SlotMap = SINGLE_PHASE_SLOTS) -> Requests:
    """Clear the first charge slot."""
    return slot_commands.reset_charge_slot(1, slot_map)


@deprecated("reset_charge_slot_2() is now reset_charge_slot(2, ...)")
def reset_charge_slot_2(slot_map: SlotMap = SINGLE_PHASE_SLOTS) -> Requests:
    """Clear the second charge slot."""
    return slot_commands.reset_charge_slot(2, slot_map)


@deprecated("set_discharge_slot_1(...) is now set_discharge_slot(1, ...)")
def set_discharge_slot_1(
    timeslot: TimeSlot | None, slot_map: SlotMap = SINGLE_PHASE_SLOTS
) -> Requests:
    """Set the first discharge slot."""
    return slot_commands.set_discharge_slot(1, timeslot, slot_map)


@deprecated("set_discharge_slot_2(...) is now set_discharge_slot(2, ...)")
def set_discharge_slot_2(
    timeslot: TimeSlot | None, slot_map: SlotMap = SINGLE_PHASE_SLOTS
) -> Requests:
    """Set the second discharge slot."""
    return slot_commands.set_discharge_slot(2, timeslot, slot_map)


@deprecated("reset_discharge_slot_1() is now reset_discharge_slot(1, ...)")
def reset_discharge_slot_1(slot_map: SlotMap = SINGLE_PHASE_SLOTS) -> Requests:
    """Clear the first discharge slot."""
    return slot_commands.reset_discharge_slot(1, slot_map)


@deprecated("reset_discharge_slot_2() is now reset_discharge_slot(2, ...)")
def reset_discharge_slot_2(slot_map: SlotMap = SINGLE_PHASE_SLOTS) -> Requests:
    """Clear the second discharge slot."""
    return slot_commands.reset_discharge_slot(2, slot_map)


@deprecated("a client polls by itself: detect(), then load_config() and refresh()")
def refresh_plant_data(
    complete: bool, number_batteries: int = 1, max_batteries: int = 5
) -> NoReturn:
    """Raise PlantNotDetected: what there is to read is for detection to find out."""
    raise PlantNotDetected("a client polls by itself: detect(), then load_config() and refresh()")
