"""What a plant does with what its devices answer."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from givenergy_modbus.exceptions import CommunicationError
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.guards import Reason, Verdict
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR, Bank, Register
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    LanConfigBroadcast,
    NullResponse,
    ReadRegistersResponse,
    WriteHoldingRegisterResponse,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.library.answers import (
    ADAPTER,
    INVERTER,
    NOON,
    PACK,
    after,
    answer,
    block,
    identity,
    pack,
    put,
    words_of,
)
from tests.library.messages import RESPONSE_MESSAGES

STORED, HELD, REJECTED, IGNORED = Verdict


def hybrid(**known: list[int]) -> Plant:
    return Plant(PlantCapabilities(Model.HYBRID_GEN1, **known))  # type: ignore[arg-type]


def words(plant: Plant, address: int, first: Register, count: int) -> list[int | None]:
    cache = plant.register_caches.get(address, {})
    return [cache.get(Register(first + offset)) for offset in range(count)]


def acknowledgement(
    register: int,
    value: int,
    *,
    address: int = 0x11,
    error: bool = False,
    crc_failed: bool = False,
    serial: str = INVERTER,
) -> WriteHoldingRegisterResponse:
    return WriteHoldingRegisterResponse(
        register=register,
        value=value,
        device_address=address,
        error=error,
        crc_failed=crc_failed,
        inverter_serial_number=serial,
    )


# What is taken in.


def test_an_answer_is_stored_whoever_asked() -> None:
    plant = Plant()
    assert plant.update(answer(0x11, HR(0), identity()), NOON) is STORED
    assert plant.update(answer(0x11, IR(5), [2401]), NOON) is STORED
    assert plant.update(answer(0x01, MR(60), [1, 2]), NOON) is STORED
    assert words(plant, 0x11, HR(0), 2) == [0x2001, 0]
    assert words(plant, 0x11, IR(4), 3) == [None, 2401, None]
    assert words(plant, 0x01, MR(60), 2) == [1, 2]


def test_what_holds_no_registers_is_ignored() -> None:
    plant = Plant()
    messages = (
        HeartbeatRequest(),
        NullResponse(),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="10.0.0.1"),
        answer(0x11, IR(0), (), error=True),
        acknowledgement(96, 1, error=True),
        "a word",
    )
    for message in messages:
        assert plant.update(message, NOON) is IGNORED
    assert plant.register_caches == {}
    assert plant.inverter_serial_number == ""


def test_a_wrong_checksum_is_counted_and_nothing_else() -> None:
    plant = Plant()
    assert plant.update(answer(0x11, HR(0), identity(), crc_failed=True), NOON) is IGNORED
    assert plant.update(acknowledgement(96, 1, crc_failed=True), NOON) is IGNORED
    assert plant.crc_failure_count == {0x11: 2}
    assert plant.dropped == {Reason.CHECKSUM: 2}
    assert (plant.register_caches, plant.data_adapter_serial_number) == ({}, "")


def test_serial_numbers_come_with_every_answer() -> None:
    plant = Plant()
    plant.update(answer(0x32, IR(60), pack()), NOON)
    assert (plant.inverter_serial_number, plant.data_adapter_serial_number) == ("", ADAPTER)
    plant.update(answer(0x31, IR(0), [1]), NOON)
    assert plant.inverter_serial_number == INVERTER


def test_an_inverter_of_another_plant_is_not_believed() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(5), [2401]), NOON)
    other = "CE2231G456"
    assert plant.update(answer(0x11, IR(5), [2300], serial=other), NOON) is REJECTED
    assert plant.update(acknowledgement(96, 1, serial=other), NOON) is REJECTED
    assert plant.dropped[Reason.FOREIGN] == 2
    assert words(plant, 0x11, IR(5), 1) == [2401]
    assert plant.inverter_serial_number == INVERTER


def test_a_stranger_that_answered_first_refuses_the_inverter_for_ten_seconds() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(5), [2300], serial="CE2231G456"), NOON)
    assert plant.update(answer(0x11, IR(5), [2401]), after(5)) is REJECTED
    assert plant.update(answer(0x11, IR(5), [2401]), after(14)) is REJECTED
    assert plant.update(answer(0x11, IR(5), [2401]), after(15)) is STORED
    assert plant.inverter_serial_number == INVERTER


def test_a_stranger_that_answers_in_between_is_not_confirmed() -> None:
    plant = Plant()
    stranger = answer(0x11, IR(5), [2300], serial="CE2231G456")
    plant.update(stranger, NOON)
    assert plant.update(answer(0x11, IR(5), [2401]), after(9)) is REJECTED
    assert plant.update(stranger, after(18)) is STORED
    assert plant.update(answer(0x11, IR(5), [2401]), after(20)) is REJECTED
    assert plant.update(answer(0x11, IR(5), [2401]), after(30)) is STORED


@pytest.mark.parametrize(
    "confirmed_by", [answer(0x11, IR(5), [2402]), answer(0x11, HR(0), identity())]
)
def test_a_stranger_never_replaces_an_inverter_that_is_confirmed(
    confirmed_by: ReadRegistersResponse,
) -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(5), [2401]), NOON)
    plant.update(confirmed_by, after(10))
    for minutes in range(1, 20):
        stranger = answer(0x11, IR(5), [2300], serial="CE2231G456")
        assert plant.update(stranger, after(60 * minutes)) is REJECTED


def test_other_devices_may_answer_in_their_own_name() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(5), [2401]), NOON)
    assert plant.update(answer(0x50, IR(60), [3300], serial="HX2414G001"), NOON) is STORED
    assert plant.update(answer(0x11, IR(5), [2402], serial="GW2412\0000"), NOON) is STORED
    assert plant.inverter_serial_number == INVERTER


def test_a_setting_somebody_wrote_is_known() -> None:
    plant = hybrid()
    assert plant.update(acknowledgement(96, 1), NOON) is STORED
    assert plant.update(acknowledgement(110, 20, address=0x31), NOON) is STORED
    assert words(plant, 0x11, HR(96), 1) == [1]
    assert words(plant, 0x11, HR(110), 1) == [20]
    assert plant.inverter.battery_soc_reserve == 20
    assert plant.last_updated_at is None, "one register is no block"


def test_not_every_acknowledgement_is_the_inverters() -> None:
    plant = hybrid()
    assert plant.update(acknowledgement(0, 7), NOON) is IGNORED
    assert plant.update(acknowledgement(96, 1, address=0x70), NOON) is IGNORED
    assert plant.register_caches == {}


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


# When it came.


def test_the_age_of_what_is_known() -> None:
    plant = Plant()
    assert plant.last_updated_at is None
    assert plant.block_age(0x11, "IR", 0, 60) is None
    plant.update(answer(0x11, IR(0), [1] * 60), after(0))
    plant.update(answer(0x11, IR(5), [1]), after(20))
    assert plant.block_age(0x11, "IR", 0, 60, now=after(30)) == 30
    assert plant.block_age(0x11, Bank.INPUT, 0, 60, after(30)) == 30
    assert plant.block_age(0x11, "IR", 0, 30, after(30)) is None
    assert plant.block_age(0x11, "HR", 0, 60, after(30)) is None
    assert plant.register_age(0x11, IR(4), after(30)) == 30
    assert plant.register_age(0x11, IR(5), after(30)) == 10
    assert plant.register_age(0x11, IR(60), after(30)) is None
    assert plant.last_updated_at == after(20)


def test_a_part_of_a_block_that_came_has_come() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(0), [1] * 60), after(0))
    assert plant.stored_at(Read(0x11, Block(Bank.INPUT, 0))) == after(0)
    assert plant.stored_at(Read(0x11, Block(Bank.INPUT, 10, 50, maybe=True))) == after(0)
    assert plant.stored_at(Read(0x11, Block(Bank.INPUT, 10, 51))) is None
    assert plant.stored_at(Read(0x12, Block(Bank.INPUT, 0))) is None


def test_without_a_time_it_came_now() -> None:
    plant = Plant()
    plant.update(answer(0x11, IR(5), [1]))
    age = plant.block_age(0x11, "IR", 5, 1)
    assert age is not None
    assert 0 <= age < 5


def test_what_is_not_believed_is_not_new() -> None:
    plant = Plant()
    for seconds in (0, 15):
        plant.update(answer(0x11, IR(0), [1] * 59 + [seconds]), after(seconds))
    plant.update(answer(0x11, IR(0), [0] * 60), after(45))
    assert plant.block_age(0x11, "IR", 0, 60, after(45)) == 30


def test_since_when_a_block_says_the_same() -> None:
    plant = Plant()
    assert plant.content_unchanged_seconds(0x11, "IR", 0, 2) is None
    for seconds, word in ((0, 1), (10, 1), (20, 2), (30, 2)):
        plant.update(answer(0x11, IR(0), [7, word]), after(seconds))
        seen = plant.content_unchanged_seconds(0x11, "IR", 0, 2, after(seconds))
        assert seen == seconds % 20


def test_what_is_there_and_what_is_not() -> None:
    plant = Plant()
    assert plant.block_present(0x01, "IR", 60, 30) is None
    plant.mark_absent(0x01, "IR", 60, 30)
    assert plant.block_present(0x01, "IR", 60, 30) is False
    assert plant.block_age(0x01, "IR", 60, 30) is None
    plant.update(answer(0x01, IR(60), [2400] * 30), NOON)
    assert plant.block_present(0x01, "IR", 60, 30) is True


def test_a_block_can_be_forgotten() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    plant.update(answer(0x32, IR(60), pack()), after(0))
    plant.update(answer(0x32, IR(60), pack(IR95=1)), after(30))
    assert plant.update(answer(0x32, IR(60), pack(IR100=90)), after(60)) is HELD
    plant.invalidate_presence(0x32, "IR", 60, 60)
    assert plant.update(answer(0x32, IR(60), pack(IR100=90)), after(60)) is STORED
    assert plant.batteries[0].is_valid()
    plant.invalidate_presence(0x32, "IR", 60, 60)
    assert not plant.batteries[0].is_valid()
    assert plant.block_present(0x32, "IR", 60, 60) is None
    assert plant.block_age(0x32, "IR", 60, 60) is None
    plant.update(answer(0x32, HR(0), [1] * 3), after(60))
    plant.invalidate_presence(0x32, "HR", 0, 2)
    assert words(plant, 0x32, HR(0), 3) == [None, None, 1]
    plant.invalidate_presence(0x50, "IR", 60, 60)
    assert 0x50 not in plant.register_caches


def test_questions_that_had_to_be_repeated_are_counted() -> None:
    plant = Plant()
    plant.record_retry(0x32)
    plant.record_retry(0x32)
    assert plant.retry_count == {0x32: 2}


# What it shows.


def test_a_view_is_decoded_once_for_what_it_knows() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    plant.update(answer(0x11, IR(5), [2401]), NOON)
    first = plant.inverter
    assert plant.inverter is first
    assert plant.view(SinglePhaseInverter, 0x11) is first
    plant.update(answer(0x32, IR(60), pack()), NOON)
    assert plant.inverter is first
    plant.update(answer(0x11, IR(5), [2402]), NOON)
    assert plant.inverter is not first
    assert plant.inverter.v_ac1 == 240.2


def test_a_view_of_what_has_not_answered() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    assert plant.view(Battery, 0x32) is None
    no_cells = pack(**{f"IR{at}": 0 for at in range(60, 76)})
    plant.update(answer(0x32, IR(60), no_cells), NOON)
    assert plant.view(Battery, 0x32) is None, "held back"
    plant.update(answer(0x32, IR(60), pack()), NOON)
    view = plant.view(Battery, 0x32)
    assert view is not None
    assert view.soc == 48


def test_without_a_layout_it_is_a_single_phase_inverter() -> None:
    plant = Plant()
    assert isinstance(plant.inverter, SinglePhaseInverter)
    assert (plant.ems, plant.gateway, plant.lv_bcu) == (None, None, None)
    assert (plant.meters, plant.meter_products) == ({}, {})
    assert (plant.hv_stacks, plant.aio_battery_modules) == ([], [])
    assert (plant.batteries, plant.remaining_battery_energy_wh) == ([], None)


def test_an_unknown_product_is_looked_at_as_single_phase() -> None:
    plant = Plant.from_caches({0x11: put(HR(0), identity(0x9001))})
    assert plant.capabilities is not None
    assert plant.capabilities.device_type is None
    assert isinstance(plant.inverter, SinglePhaseInverter)
    assert plant.inverter.inverter_max_power is None
    assert plant.devices[0].identity == INVERTER


def test_the_layout_decides_how_the_inverter_is_read() -> None:
    assert isinstance(Plant(PlantCapabilities(Model.AC_3PH)).inverter, ThreePhaseInverter)
    assert Plant(PlantCapabilities(Model.EMS)).ems is not None
    gateway = Plant(PlantCapabilities(Model.GATEWAY))
    assert gateway.gateway is not None
    assert gateway.gateway is gateway.gateway


def test_batteries_without_a_layout_are_counted_up_to_the_first_that_is_none() -> None:
    plant = Plant()
    for address in (0x32, 0x33, 0x35):
        for _ in range(2):
            plant.update(answer(address, IR(60), pack()), NOON)
    assert plant.number_batteries == 2
    assert [battery.serial_number for battery in plant.batteries] == [PACK] * 2
    assert plant.remaining_battery_energy_wh == 2 * round(90 * 16 * 3.2)


def test_a_battery_that_is_silent_keeps_its_place() -> None:
    plant = hybrid(lv_battery_addresses=[0x32, 0x33])
    for _ in range(2):
        plant.update(answer(0x33, IR(60), pack()), NOON)
    assert [battery.serial_number for battery in plant.batteries] == [None, PACK]
    assert plant.remaining_battery_energy_wh == round(90 * 16 * 3.2)


def test_meters_and_what_they_say_of_themselves() -> None:
    plant = hybrid(meter_addresses=[1, 2])
    plant.update(answer(0x02, IR(60), [2400, *[0] * 29]), NOON)
    plant.update(answer(0x02, MR(60), [1, 2, *[0] * 58]), NOON)
    assert {address: meter.v_phase_1 for address, meter in plant.meters.items()} == {
        1: None,
        2: 240.0,
    }
    assert {at: item.serial_number for at, item in plant.meter_products.items()} == {2: "65538"}
    assert plant.view(Meter, 2) is plant.meters[2]


def test_the_controller_of_batteries() -> None:
    plant = hybrid()
    assert plant.capabilities is not None
    plant.capabilities = replace(plant.capabilities, lv_bcu_address=0x31)
    assert plant.lv_bcu is None
    plant.update(answer(0x31, IR(60), [0, 0, 83, 84]), NOON)
    assert plant.lv_bcu is not None
    assert plant.lv_bcu.request_discharge_current == 84


def test_stacks_and_their_modules() -> None:
    plant = Plant(
        PlantCapabilities(
            Model.HYBRID_3PH, bcu_stacks=[(0, 2), (1, 2)], hv_bmu_addresses=[0x50, 0x51, 0x53]
        )
    )
    for address in (0x50, 0x51, 0x53):
        plant.update(answer(address, IR(60), [3000 + address]), NOON)
    plant.update(answer(0x71, IR(64), [2]), NOON)
    first, second = plant.hv_stacks
    assert [bmu.v_cell_01 for bmu in first.bmus] == [3.08, 3.081]
    assert [(bmu.v_cell_01, bmu.bmu_index) for bmu in second.bmus] == [(3.083, 1)]
    assert (first.bcu.number_of_modules, second.bcu.number_of_modules) == (None, 2)
    assert (first.device_address, second.device_address) == (0x70, 0x71)
    assert plant.hv_stacks[1].bmus[0] is second.bmus[0]


def test_the_modules_of_an_all_in_one() -> None:
    plant = Plant(
        PlantCapabilities(
            Model.ALL_IN_ONE, bcu_stacks=[(0, 3)], aio_battery_module_addresses=[0x50, 0x52]
        )
    )
    plant.update(answer(0x52, IR(60), [3300]), NOON)
    (module,) = plant.aio_battery_modules
    assert (module.module_address, module.v_cell_01) == (0x52, 3.3)
    assert len(plant.hv_stacks[0].bmus) == 2


@pytest.mark.parametrize(
    ("registers", "envelope", "expected"),
    [
        (INVERTER, "", INVERTER),
        (INVERTER, "SA2114G999", INVERTER),
        ("SA21\0\0G123", "SA2114G999", "SA2114G999"),
        (None, "SA2114G999", "SA2114G999"),
        (None, "", ""),
    ],
)
def test_the_inverters_serial_number(registers: str | None, envelope: str, expected: str) -> None:
    plant = Plant.from_caches(
        {
            0x11: {HR(0): 0x2001} | ({} if registers is None else put(HR(13), words_of(registers))),
            0x32: put(HR(13), words_of("XX2114G000")),
        },
        inverter_serial_number=envelope,
    )
    assert plant.inverter_serial == expected


# Whole plants.


def test_a_plant_from_a_dump() -> None:
    caches = {0x11: put(HR(0), identity()), 0x32: put(IR(60), pack())}
    plant = Plant.from_caches(caches, data_adapter_serial_number=ADAPTER)
    assert plant.capabilities == PlantCapabilities(
        Model.HYBRID_GEN1, lv_battery_addresses=[0x32], arm_firmware_version=449
    )
    assert plant.batteries[0].serial_number == PACK
    assert plant.data_adapter_serial_number == ADAPTER
    plant.update(answer(0x11, HR(21), [450]), NOON)
    assert caches[0x11][HR(21)] == 449, "the dump is left alone"
    with pytest.raises(CommunicationError):
        Plant.from_caches({})
    prior = PlantCapabilities(Model.AC, meter_addresses=[1])
    assert Plant.from_caches({}, prior).capabilities == PlantCapabilities(Model.AC)


def test_a_plant_to_share_names_nobody() -> None:
    plant = Plant.from_caches(
        {0x11: put(HR(0), identity()), 0x32: put(IR(60), pack()), 1: put(MR(60), [5, 6])},
        inverter_serial_number=INVERTER,
        data_adapter_serial_number="no serial!",
    )
    shared = plant.redact()
    assert shared.inverter_serial_number == "SA2114G000"
    assert shared.data_adapter_serial_number == ""
    assert shared.inverter.serial_number == "SA2114G000"
    assert shared.batteries[0].serial_number == "BG2134G000"
    assert words(shared, 1, MR(60), 2) == [0, 0]
    assert shared.capabilities == plant.capabilities
    assert shared.capabilities is not plant.capabilities
    assert plant.inverter.serial_number == INVERTER


@given(
    st.lists(RESPONSE_MESSAGES, max_size=30),
    st.none() | st.sampled_from(Model).map(PlantCapabilities),
)
def test_nothing_that_comes_in_raises(
    messages: list[object], layout: PlantCapabilities | None
) -> None:
    plant = Plant(layout)
    for number, message in enumerate(messages):
        plant.update(message, after(number))
    assert plant.devices[0].is_control_authority
    assert {inverter.data_source for inverter in plant.inverters} <= {"direct", "ems_rollup"}
    assert plant.redact().devices
