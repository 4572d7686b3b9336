"""Inverters of several models, by type code and firmware, and their words on one day."""

from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.register import HR, IR, Register

GEN1, GEN2, GEN3, AC, AIO = (
    (0x2001, 449),
    (0x2001, 815),
    (0x2001, 303),
    (0x3001, 282),
    (0x8001, 612),
)

type Words = dict[Register, int]

A_DAY: Words = {
    IR(17): 60,
    IR(18): 1500,
    IR(19): 41,
    IR(20): 700,
    IR(25): 20,
    IR(26): 35,
    IR(30): 0xFFFF - 799,
    IR(52): 1234,
    IR(35): 10,
    IR(36): 50,
    IR(37): 40,
    IR(182): 41,
    IR(183): 51,
    IR(21): 0,
    IR(22): 1000,
    IR(11): 0,
    IR(12): 8000,
    IR(27): 0,
    IR(28): 600,
    IR(32): 0,
    IR(33): 15000,
    IR(44): 116,
    IR(45): 0,
    IR(46): 9000,
    IR(180): 7000,
    IR(181): 8000,
    IR(1): 3500,
    IR(8): 43,
    HR(55): 160,
}


def inverter(product: tuple[int, int] | None, words: Words = A_DAY) -> SinglePhaseInverter:
    """Return an inverter of a product, by type code and firmware, with some words."""
    known = {} if product is None else {HR(0): product[0], HR(21): product[1]}
    return SinglePhaseInverter.from_register_cache({**words, **known})


THREE: Words = {
    HR(0): 0x4004,
    HR(21): 0,
    HR(96): 1,
    HR(1112): 0,
    HR(1109): 5,
    HR(1111): 100,
    IR(1017): 0,
    IR(1018): 15000,
    IR(1019): 0,
    IR(1020): 5005,
    IR(1079): 0,
    IR(1080): 3150,
    IR(1081): 0,
    IR(1082): 0,
    IR(1136): 0,
    IR(1137): 17048,
    IR(1138): 0,
    IR(1139): 0,
    IR(1390): 1,
    IR(1391): 0,
    IR(1392): 0,
    IR(1394): 1,
    IR(1395): 6,
    IR(1413): 254,
    IR(1412): 0,
    IR(30): 0,
    IR(52): 0,
    IR(6): 0,
    IR(7): 0,
    IR(1325): 11043,
    IR(1327): 11121,
}
