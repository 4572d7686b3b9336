"""Inverters of real plants decode to what was recorded of them."""

import pytest
from givenergy_modbus.model.inverter import SinglePhaseInverter, TenSlotInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter

from tests.library.differences import DIFFERENCES
from tests.library.golden import Recording, mismatches, recordings, same

type Inverter = SinglePhaseInverter | ThreePhaseInverter

CLASSES: dict[str, type[Inverter]] = {
    "SinglePhaseInverter": SinglePhaseInverter,
    "ThreePhaseInverter": ThreePhaseInverter,
}
VIEWS: dict[str, type[Inverter]] = {
    "as_single_phase_inverter": SinglePhaseInverter,
    "as_three_phase_inverter": ThreePhaseInverter,
}


@pytest.mark.parametrize("recording", recordings())
def test_inverter(recording: Recording) -> None:
    """The plant's inverter, computed values, methods and windows included."""
    golden = recording.decoded["inverter"]
    device = CLASSES[golden["$class"]]
    words = recording.words[0x11]
    ours = device.from_register_cache(words)
    compared, found = mismatches(device.__name__, ours, golden, words, DIFFERENCES)
    assert not found
    assert same(ours.p_pv(), golden["$methods"]["p_pv"])
    assert same(ours.e_pv_day(), golden["$methods"]["e_pv_day"])
    charge, discharge = (
        [list(ends) for ends in slots.values()]
        for slots in (ours.slot_map.charge_slots, ours.slot_map.discharge_slots)
    )
    if isinstance(ours, TenSlotInverter):  # see the difference in charge_slot_2
        assert charge[1] == [243, 244]
        charge[1] = [31, 32]
    assert golden["$slot_map"] == {"charge": charge, "discharge": discharge}
    print(f"{recording.name}: {compared} values of a {device.__name__}")  # noqa: T201


@pytest.mark.parametrize("recording", recordings())
def test_every_view(recording: Recording) -> None:
    """Everything decoded as an inverter, also at addresses that only mirror one."""
    total = 0
    for address, words in recording.words.items():
        for view, device in VIEWS.items():
            if (golden := recording.at(address, view)) is None:
                continue
            ours = device.from_register_cache(words)
            compared, found = mismatches(device.__name__, ours, golden, words, DIFFERENCES)
            assert not found, f"{address:#04x} {view}"
            total += compared
    print(f"{recording.name}: {total} values of inverters at all addresses")  # noqa: T201


def test_every_difference_is_one(captures: object) -> None:
    """A row that no recording needs is kept only with a condition."""
    needed = set()
    for case in recordings():
        recording: Recording = case.values[0]
        golden = recording.decoded["inverter"]
        device = CLASSES[golden["$class"]]
        ours = device.from_register_cache(recording.words[0x11])
        needed |= {
            row.attribute
            for row in DIFFERENCES
            if device.__name__ in row.devices
            and row.applies is None
            and not same(getattr(ours, row.attribute), golden[row.attribute])
        }
    assert needed == {row.attribute for row in DIFFERENCES if row.applies is None}
