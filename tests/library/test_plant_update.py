"""What a plant stores of the responses it is given, and how old that is."""

import pytest
from givenergy_modbus.model.guards import Reason
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR, Bank
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    LanConfigBroadcast,
    NullResponse,
    ReadRegistersResponse,
    WriteHoldingRegisterResponse,
)

from tests.library.answers import ADAPTER, INVERTER, NOON, after, answer, identity, pack
from tests.library.plant_updates import HELD, IGNORED, REJECTED, STORED, hybrid, words


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
