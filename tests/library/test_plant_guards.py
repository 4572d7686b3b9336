"""What a plant does not believe, and how it logs that."""

import logging
from datetime import timedelta

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.guards import Reason
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank, Register

from tests.library.answers import NOON, after, answer, block, identity, pack, put, words_of
from tests.library.plant_updates import HELD, REJECTED, STORED, hybrid, words

# What is not believed.


def test_a_network_packet_is_not_stored() -> None:
    leaked = block(
        IR(0),
        60,
        {
            IR(28): 0x4C32,
            IR(30): 0xA119,
            IR(31): 0x34EA,
            IR(32): 0xE77F,
            IR(33): 0xD475,
            IR(35): 0x4500,
        },
    )
    plant = Plant()
    assert plant.update(answer(0x11, IR(0), leaked), NOON) is REJECTED
    assert plant.dropped == {Reason.LEAK: 1}
    assert words(plant, 0x11, IR(28), 1) == [None]


def test_a_page_of_zeros_is_not_stored_over_another() -> None:
    plant = Plant()
    assert plant.update(answer(0x11, IR(0), [0] * 60), NOON) is STORED
    for seconds in (0, 15):
        plant.update(answer(0x11, IR(0), [1] * 59 + [seconds]), after(seconds))
    assert plant.update(answer(0x11, IR(0), [0] * 60), after(30)) is HELD
    assert plant.dropped[Reason.ZEROS] == 1
    assert words(plant, 0x11, IR(0), 1) == [1]


GONE_DARK = {
    "three-phase strings at dusk": (Model.HYBRID_3PH, 0x11, block(IR(1000), 60, {IR(1034): 406})),
    "three-phase backup after a power cut": (
        Model.HYBRID_3PH,
        0x11,
        block(IR(1180), 60, {IR(1181): 2320, IR(1188): 900}),
    ),
    "a fault that has cleared": (Model.HYBRID_3PH, 0x11, block(IR(1300), 60, {IR(1302): 4})),
    "the only power of a meter": (Model.HYBRID_GEN1, 0x01, block(IR(60), 30, {IR(68): 406})),
    "the last slot": (Model.HYBRID_GEN1, 0x11, block(HR(240), 60, {HR(243): 30, HR(244): 430})),
    "a controller of packs in standby": (
        Model.HYBRID_GEN1,
        0x31,
        block(IR(60), 60, put(IR(60), (3, 1, 60, 60))),
    ),
}


@pytest.mark.parametrize("interval", [5, 15, 60, 300])
@pytest.mark.parametrize("case", GONE_DARK.values(), ids=GONE_DARK)
def test_zeros_that_last_are_shown_in_time(
    case: tuple[Model, int, tuple[int, ...]], interval: int
) -> None:
    """They were taken for a drop-out with every poll until dawn."""
    model, address, lit = case
    bank = Bank.HOLDING if model is Model.HYBRID_GEN1 and address == 0x11 else Bank.INPUT
    starts = {0x01: 60, 0x31: 60}
    start = starts.get(address) or {True: 240, False: 1000}[bank is Bank.HOLDING]
    first = Register.at(bank, start)
    plant = Plant(PlantCapabilities(model))
    plant.poll_interval = interval
    for seconds in (-200, 0):
        assert plant.update(answer(address, first, lit), after(seconds)) is STORED
    verdicts = [
        plant.update(answer(address, first, [0] * len(lit)), after(seconds))
        for seconds in range(interval, max(300, 10 * interval) + 1, interval)
    ]
    assert verdicts[0] is HELD
    assert verdicts[-1] is STORED
    assert set(words(plant, address, first, len(lit))) == {0}


def test_an_identity_without_a_serial_number_is_not_stored() -> None:
    plant = Plant()
    assert plant.update(answer(0x11, HR(0), identity(serial="SA21\0\0G123")), NOON) is REJECTED
    assert plant.dropped == {Reason.SERIAL: 1}
    assert plant.inverter.device_type_code is None


def test_a_module_with_a_split_serial_number_is_read_again_and_again() -> None:
    plant = Plant(PlantCapabilities(Model.HYBRID_3PH, hv_bmu_addresses=[0x55]))
    for voltage in (3300, 3301):
        known = {IR(60): voltage, IR(110): 0x4859, **put(IR(115), words_of("2336G001"))}
        assert plant.update(answer(0x55, IR(60), block(IR(60), 60, known)), NOON) is STORED
    assert words(plant, 0x55, IR(60), 1) == [3301]


def test_a_value_out_of_range_is_stored_and_not_shown() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(0), [1, *[60_000] * 4]), NOON)
    assert words(plant, 0x11, IR(1), 1) == [60_000]
    assert plant.inverter.v_pv1 is None


# Battery packs.


def test_a_pack_is_known_from_its_first_page_on() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    assert plant.update(answer(0x32, IR(60), pack()), NOON) is STORED
    assert plant.batteries[0].soc == 48
    assert not plant.cold_start_held_count


def test_what_mirrors_the_inverter_at_a_packs_address_is_none_of_the_packs() -> None:
    plant = hybrid()
    for first in (IR(0), IR(180), HR(0), HR(60)):
        assert plant.update(answer(0x32, first, [1] * 60), NOON) is STORED
    wrong = pack(IR100=90, IR60=4200)
    assert plant.update(answer(0x32, IR(60), wrong), NOON) is STORED
    assert plant.update(answer(0x32, IR(60), pack()), NOON) is STORED


def test_a_pack_below_freezing_is_believed() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    for seconds, tenth in enumerate((2, 1, 0, -1, -2, -3)):
        word = tenth & 0xFFFF
        page = pack(IR76=5, IR77=5, IR78=5, IR79=word, IR103=5, IR104=word)
        plant.update(answer(0x32, IR(60), page), after(30 * seconds))
    assert plant.batteries[0].t_min == -0.3


# What is said about it.


def test_the_same_warning_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    plant = hybrid()
    plant.poll_interval = 30
    for seconds in (0, 30):
        plant.update(answer(0x32, IR(60), pack(IR95=seconds)), after(seconds))
    caplog.clear()
    leak = [0] * 35 + [0x4500, 0xA4, 0x1C46, 0x4000, 0x4006, 0xB19A, 0x0A00, 5, 0x2F5B, 0x4321]
    leak[40] = 0
    leak[40] = 0xFFFF - sum(leak) % 0xFFFF
    bad = answer(0x32, IR(60), [*leak, *[0] * 15])
    for seconds in range(60, 420, 30):
        assert plant.update(bad, after(seconds)) is REJECTED
    levels = [record.levelno for record in caplog.records]
    assert levels == [logging.WARNING, *[logging.DEBUG] * 9, logging.WARNING, logging.DEBUG]
    assert "0x32:IR(60,60) not believed (leak)" in caplog.text
    caplog.clear()
    plant.update(answer(0x32, IR(60), pack()), after(420))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "believed again, after 12 times leak" in record.message


def test_a_warning_names_what_jumped(caplog: pytest.LogCaptureFixture) -> None:
    plant = hybrid()
    for seconds in (0, 30):
        plant.update(answer(0x32, IR(60), pack(IR95=seconds)), after(seconds))
    plant.update(answer(0x32, IR(60), pack(IR100=90, IR60=4200)), after(60))
    assert "not believed (splice: cell voltage IR(60), state of charge IR(100))" in caplog.text


def test_another_warning_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    plant = Plant()
    for start in (0, 60):
        for seconds in (0, 15):
            page = [1] * 59 + [seconds]
            plant.update(answer(0x11, IR(start), page), after(seconds))
        plant.update(answer(0x11, IR(start), [0] * 60), after(30))
    assert [record.message for record in caplog.records] == [
        "0x11:IR(0,60) not believed (zeros)",
        "0x11:IR(60,60) not believed (zeros)",
    ]
    caplog.clear()
    plant.update(answer(0x11, IR(0), [1] * 60), after(45))
    assert not caplog.records, "once is not worth a word"


# Energy.


def exported(plant: Plant, total: int, today: int, seconds: float) -> tuple[object, object]:
    """Return the displayed exports after readings of the inverter, in tenths of a kWh."""
    high, low = divmod(total, 0x10000)
    known = {IR(5): 2400, IR(13): int(seconds), IR(21): high, IR(22): low, IR(25): today}
    page = block(IR(0), 60, known)
    assert plant.update(answer(0x11, IR(0), page), after(seconds)) is STORED
    return plant.inverter.e_grid_out_total, plant.inverter.e_grid_out_day


def test_a_counter_that_jumps_keeps_its_reading_for_a_poll() -> None:
    plant = hybrid()
    plant.update(answer(0x11, HR(0), identity(clock=NOON)), after(0))
    assert exported(plant, 1000, 50, 0) == (100.0, 5.0)
    assert exported(plant, 1002, 52, 30) == (100.2, 5.2)
    assert exported(plant, 0, 0, 60) == (100.2, 5.2)
    assert exported(plant, 1002, 0, 90) == (100.2, 0.0)
    assert plant.dropped[Reason.ENERGY] == 2
    assert plant.inverter.v_ac1 == 240.0, "the rest of the page is as it came"


def test_a_day_begins_by_the_inverters_clock() -> None:
    plant = hybrid()
    late = NOON + timedelta(hours=11, minutes=40)
    plant.update(answer(0x11, HR(0), identity(clock=late)), after(0))
    for seconds in (210, 225):
        assert exported(plant, 1000, 50, seconds) == (100.0, 5.0)
    assert exported(plant, 1000, 0, 240) == (100.0, 5.0), "it is sixteen minutes to midnight"
    assert exported(plant, 1000, 51, 270) == (100.0, 5.1)
    assert exported(plant, 1000, 0, 300) == (100.0, 0.0)


def test_a_rating_nobody_knows_is_generous() -> None:
    known, unknown = hybrid(), Plant()
    known.update(answer(0x11, HR(0), identity()), after(0))
    for plant in (known, unknown):
        for seconds in (0, 30):
            exported(plant, 1000, 0, seconds)
    assert exported(known, 1016, 0, 60) == (100.0, 0.0)
    assert exported(unknown, 1011, 0, 60) == (101.1, 0.0)


def test_counters_are_remembered_over_a_restart() -> None:
    before = hybrid()
    for seconds in (0, 30):
        exported(before, 66_000, 50, seconds)
    later = hybrid()
    later.restore_energy(before.energy_memory())
    page = block(IR(0), 60, {IR(5): 2400, IR(22): 464, IR(25): 51})
    later.update(answer(0x11, IR(0), page))
    assert (later.inverter.e_grid_out_total, later.inverter.e_grid_out_day) == (6600.0, 5.1)
