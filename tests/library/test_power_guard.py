"""Which readings of powers are believed."""

import pytest
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1
from givenergy_modbus.model.devices.hv_stack import Bcu
from givenergy_modbus.model.guards import Page, Reason
from givenergy_modbus.model.guards.field_guard import FieldGuards, Surroundings
from givenergy_modbus.model.guards.limits import Limits
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.register import IR, Bank
from givenergy_modbus.model.register_model import RegisterModel

from tests.library.answers import block


def test_a_power_beyond_the_rating_keeps_its_last_value() -> None:
    guards = FieldGuards()

    def shown(watts: int, seconds: float) -> int | None:
        words = block(IR(0), 60, {IR(52): watts & 0xFFFF, IR(34): round(seconds) & 0xFFFF})
        page = Page(0x11, Bank.INPUT, 0, words)
        now = Surroundings(seconds, 30, Limits(5000, 1))
        doubted = guards.update((SinglePhaseInverter,), frozenset(), page, now)
        assert set(doubted.reasons) <= {Reason.POWER}
        return doubted.instead.get(IR(52), page.get(IR(52)))

    assert shown(-32767, 0) is None, "a first value is not shown if it cannot be"
    assert shown(1200, 30) == 1200
    assert shown(32767, 60) == 1200
    assert shown(-32767, 90) == 1200
    assert shown(1300, 120) == 1300
    assert [shown(12_000, at) for at in (150, 155, 161, 190)] == [1300, 1300, 12_000, 12_000]


@pytest.mark.parametrize("word", [0x7FFF, 0x8000, 0x8001])
@pytest.mark.parametrize(
    ("model", "name"),
    [(Ems, "grid_meter_power"), (GatewayV1, "p_aio_total"), (Bcu, "battery_power")],
)
def test_the_largest_signed_word_is_no_power_at_any_rating(
    model: type[RegisterModel], name: str, word: int
) -> None:
    guards = FieldGuards()
    power = model.register_fields[name].registers[0]

    def shown(value: int, seconds: float) -> int | None:
        words = (value, round(seconds), *[0] * 20)
        page = Page(0x11, Bank.INPUT, power.address, words)
        doubted = guards.update((model,), frozenset(), page, Surroundings(seconds, 30, Limits()))
        return doubted.instead.get(power, page.get(power))

    assert shown(40, 0) == 40
    assert shown(word, 30) == 40
    assert shown(50, 60) == 50
