"""Gateways, in either layout."""

import pytest
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2, select_gateway
from givenergy_modbus.model.enums import State, WorkMode
from givenergy_modbus.model.register import IR, Energy, Register
from hypothesis import given, settings

from tests.library.pages import anything, assert_sound, everything, page, spelled

LAYOUTS = pytest.mark.parametrize("layout", [GatewayV1, GatewayV2])
TOTALS = [name for name in GatewayV1.model_fields if name.startswith("e_") and "total" in name]
COMMON = {
    IR(1600): 0x4741, IR(1601): 0x4141, IR(1602): 0, IR(1603): 0x0104, IR(1604): 2,
    IR(1608): 2417, IR(1609): 0x10000 - 38, IR(1610): 2423, IR(1611): 55, IR(1612): 82,
    IR(1616): 676, IR(1617): 1997, IR(1618): 1109, IR(1619): 212, IR(1620): 1, IR(1621): 2,
    IR(1622): 0x8000, IR(1623): 1, IR(1624): 2412, IR(1625): 2411,
    IR(1640): 280, IR(1643): 31, IR(1646): 9, IR(1649): 239, IR(1652): 15, IR(1655): 77,
    IR(1700): 3, IR(1701): 2, IR(1702): 0x10000 - 154, IR(1703): 1, IR(1704): 620,
    IR(1705): 98, IR(1750): 14, IR(1795): 191, IR(1798): 20,
    IR(1801): 94, IR(1802): 96, IR(1803): 101, IR(1816): 76, IR(1817): 0x10000 - 85, IR(1818): 0,
} | page(IR(1627), spelled("CH2414G001")) | page(IR(1841), spelled("CH2414G001"))  # fmt: skip


def words(layout: type[GatewayV1 | GatewayV2]) -> dict[Register, int]:
    """Return a gateway's registers with every total at 65536 + n tenths, n from 1."""
    content = dict(COMMON)
    for number, name in enumerate(TOTALS, 1):
        high, low = layout.register_fields[name].registers
        content |= {high: 1, low: number}
    for place, serial in ((2, "CH2542G002"), (3, "CH2542G003")):
        field = layout.register_fields[f"aio{place}_serial_number"]
        content |= dict(zip(field.registers, spelled(serial), strict=True))
    return content


@LAYOUTS
def test_what_both_layouts_share(layout: type[GatewayV1 | GatewayV2]) -> None:
    gateway = layout.from_register_cache(words(layout))
    assert (gateway.software_version, gateway.work_mode) == ("GAAA0014", WorkMode.ON_GRID)
    assert (gateway.v_grid, gateway.i_grid, gateway.v_load, gateway.i_load) == (
        241.7,
        -3.8,
        242.3,
        5.5,
    )
    assert (gateway.i_pv, gateway.p_ac1, gateway.p_pv, gateway.p_load) == (8.2, 676, 1997, 1109)
    assert (gateway.v_grid_relay, gateway.v_inverter_relay) == (241.2, 241.1)
    assert gateway.fault_protection == 0x10002
    assert gateway.first_inverter_serial_number == gateway.aio1_serial_number == "CH2414G001"
    assert (gateway.e_grid_import_today, gateway.e_pv_today, gateway.e_load_today) == (28, 3.1, 7.7)
    assert (gateway.parallel_aio_num, gateway.parallel_aio_online_num) == (3, 2)
    assert (gateway.aio_state, gateway.battery_firmware_version) == (State.CHARGE, 620)
    assert (gateway.aio1_soc, gateway.aio2_soc, gateway.aio3_soc) == (94, 96, None)
    assert gateway.is_valid()


@LAYOUTS
def test_power_is_positive_when_discharging(layout: type[GatewayV1 | GatewayV2]) -> None:
    gateway = layout.from_register_cache(words(layout))
    assert (gateway.p_liberty, gateway.p_aio_total) == (-212, 154)
    assert (gateway.p_aio1_inverter, gateway.p_aio2_inverter) == (-76, 85)


@LAYOUTS
def test_faults_come_highest_bit_first(layout: type[GatewayV1 | GatewayV2]) -> None:
    gateway = layout.from_register_cache(words(layout))
    assert gateway.gateway_fault_codes == ("Relay 1&2 bonding", "Grid mode Off")


@LAYOUTS
def test_totals_and_serials_are_found_in_their_layout(
    layout: type[GatewayV1 | GatewayV2],
) -> None:
    gateway = select_gateway(words(layout))
    assert type(gateway) is layout
    assert [getattr(gateway, name) for name in TOTALS] == [
        (65536 + number) / 10 for number in range(1, len(TOTALS) + 1)
    ]
    assert (gateway.aio2_serial_number, gateway.aio3_serial_number) == ("CH2542G002", "CH2542G003")


def test_the_layouts_differ_in_the_order_of_words_only() -> None:
    first, second = GatewayV1.register_fields, GatewayV2.register_fields
    assert first.keys() == second.keys()
    for name in TOTALS:
        assert first[name].registers == second[name].registers[::-1]
        assert first[name].energy is Energy.LIFETIME


def test_a_new_gateway_has_not_counted_much() -> None:
    content = words(GatewayV1)
    for name in TOTALS:
        content |= dict.fromkeys(GatewayV1.register_fields[name].registers, 0)
    assert type(select_gateway(content)) is GatewayV1
    assert type(select_gateway({})) is GatewayV1


def test_an_unknown_code_is_no_reading() -> None:
    gateway = GatewayV1.from_register_cache({IR(1604): 5, IR(1703): 3})
    assert gateway.work_mode is gateway.aio_state is None
    assert not gateway.is_valid()


@LAYOUTS
def test_whatever_a_gateway_sends_is_a_reading_or_none(
    layout: type[GatewayV1 | GatewayV2],
) -> None:
    @settings(max_examples=30)
    @given(cache=everything(layout) | anything(layout))
    def holds(cache: dict[Register, int]) -> None:
        assert_sound(layout.from_register_cache(cache))
        assert_sound(select_gateway(cache))

    holds()
