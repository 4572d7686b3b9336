"""Where a plant made of a recording is another here, and why."""

from typing import Any

from tests.library.difference import Difference, Words

_GEN1 = "hybrid_gen1_arm449_givbat82_givbat95gen3_60min"
_GEN1_POLLED = "hybrid_gen1_arm449_0x11_poll_10min"
_AC = "ac_arm282_1x_givbat512gen3_30min"
_AIO = "aio_arm612_5min"
_EMS = "ems_arm1036_30min"
_GATEWAY = "gateway_gaaa0014_10min_daylight"
_STACK = "giv3hy11_da011_10min"
_STACK_DETECTED = "giv3hy11_da011_detect_10min"


def _never_stored(_: Any, golden: Any, __: Words) -> bool:
    return golden is None


DIFFERENCES = (
    Difference(
        attribute="inverters battery_soc",
        devices=(_GATEWAY,),
        ours="none",
        golden="0",
        evidence="A gateway has no battery of its own: everything about one is zero.",
    ),
    Difference(
        attribute="0x32:?R(*)",
        devices=(_AC, _GEN1),
        ours="as last answered",
        golden="missing, or minutes old",
        evidence="Older hardware mirrors the inverter's blocks at the address of the first "
        "battery, and other clients read them there. Only IR(60,60) is the battery's, so only "
        "that is compared with the battery's last page. Compared as well, 258 of these pages "
        "were held back within an hour, each until the next, a mirror too, was taken for one "
        "that agrees.",
    ),
    Difference(
        attribute="0x02:MR(*)",
        devices=(_STACK_DETECTED,),
        ours="stored",
        golden="not stored",
        evidence="What a meter says of itself was answered twice, and is served like any block.",
        applies=_never_stored,
    ),
    Difference(
        attribute="cold_start_held_count",
        devices=(_AC, _GEN1, _GEN1_POLLED),
        ours="none",
        golden="1 for each pack; 4 and 259 at 0x32",
        evidence="A pack's first page is shown where it is plausible by itself: held until a "
        "second one agreed, an identical copy 0.25 s later was taken for one, which proves "
        "nothing. The mirrored blocks at 0x32 count besides, see there.",
    ),
    Difference(
        attribute="identity battery_module",
        devices=(_AIO, _STACK, _STACK_DETECTED),
        ours="first device, kind and address: `CH2414G000_aio_module_0x50`",
        golden="the serial number, the same for all modules",
        evidence="In the recordings the unit's digits are redacted, and the serial numbers "
        "collide. A serial number names a device only where it is unique in the plant.",
    ),
    Difference(
        attribute="identity hv_stack",
        devices=(_AIO, _STACK, _STACK_DETECTED),
        ours="the controller's serial number",
        golden="`TC2337G000_hvstack_0x70`",
        evidence="The controller tells its serial number in IR(138..142); both were recorded.",
    ),
    Difference(
        attribute="parent battery_module",
        devices=(_STACK, _STACK_DETECTED),
        ours="the stack, by its serial number",
        golden="`TC2337G000_hvstack_0x70`",
        evidence="It follows from the identity of the stack.",
    ),
    Difference(
        attribute="parent battery_module",
        devices=(_AIO,),
        ours="the stack, by its serial number",
        golden="the inverter",
        evidence="The stack's controller counts its modules in IR(64), as in stand-alone stacks.",
    ),
    Difference(
        attribute="identity meter",
        devices=(_EMS, _GATEWAY, _STACK, _STACK_DETECTED),
        ours="`EMS2522000_meter_0x01`",
        golden="`EMS2522000_meter_1`",
        evidence="Addresses are written in hexadecimal wherever they are part of a name.",
    ),
    Difference(
        attribute="identity inverter",
        devices=(_EMS,),
        ours="`EMS2522000_managed_inverter_1`, `EMS2522000_managed_inverter_2`",
        golden="`CE2231G000_managed` twice",
        evidence="Both inverters are redacted to the same serial number.",
    ),
    Difference(
        attribute="serial_number battery_module",
        devices=(_STACK,),
        ours="`HY2336G000`",
        golden="`2336G000`",
        evidence="The module at 0x55 keeps its two letters in IR(110) and the rest in "
        "IR(115..118). A later recording of the same module has the ten in one place.",
    ),
    Difference(
        attribute="inverters serial_number",
        devices=(_STACK,),
        ours="`TC2337G000`",
        golden="empty",
        evidence="HR(0,60) was not recorded, but every answer is addressed with the serial number.",
    ),
    Difference(
        attribute="serial_index",
        devices=(_STACK,),
        ours="the inverter, by that serial number",
        golden="empty",
        evidence="It follows from the serial number.",
    ),
)
