"""Simulated plants to detect, and what there is to be found in them."""

from collections import Counter
from typing import Any

from givenergy_modbus.client.client import Client
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.simulator import Simulator

from tests.library.plants import QUICK

LAYOUTS: dict[str, dict[str, Any]] = {
    "gen1_hybrid": {
        "device_type": Model.HYBRID_GEN1,
        "lv_battery_addresses": [0x32, 0x33],
        "arm_firmware_version": 449,
    },
    "gen2_hybrid": {
        "device_type": Model.HYBRID_GEN2,
        "meter_addresses": [1],
        "lv_battery_addresses": [0x32],
        "lv_bcu_address": 0x31,
        "arm_firmware_version": 920,
    },
    "gen3_hybrid": {
        "device_type": Model.HYBRID_GEN3,
        "lv_battery_addresses": [0x32],
        "arm_firmware_version": 303,
    },
    "ac_coupled": {
        "device_type": Model.AC,
        "lv_battery_addresses": [0x32, 0x33],
        "arm_firmware_version": 282,
    },
    "all_in_one": {
        "device_type": Model.ALL_IN_ONE,
        "bcu_stacks": [(0, 4)],
        "aio_battery_module_addresses": [0x50, 0x51, 0x52, 0x53],
        "arm_firmware_version": 612,
    },
    "three_phase_hv": {
        "device_type": Model.HYBRID_3PH,
        "meter_addresses": [1, 2],
        "bcu_stacks": [(0, 6)],
        "hv_bmu_addresses": [0x50, 0x51, 0x52, 0x53, 0x54, 0x55],
    },
    "hv_gen3": {
        "device_type": Model.HYBRID_HV_GEN3,
        "bcu_stacks": [(0, 3)],
        "hv_bmu_addresses": [0x50, 0x51, 0x52],
        "arm_firmware_version": 1012,
    },
    "ems": {
        "device_type": Model.EMS,
        "meter_addresses": [1, 3],
        "arm_firmware_version": 1036,
    },
    "gateway": {
        "device_type": Model.GATEWAY,
        "meter_addresses": [1, 2],
        "arm_firmware_version": 14,
    },
}


def simulate(name: str, **options: Any) -> Simulator:
    """Return a plant that answers at once."""
    return Simulator(name, latency=0, heartbeat=0, **options)


def client_of(sim: Simulator, plant: Plant | None = None) -> Client:
    """Return a client that knows nothing yet."""
    return Client(sim.host, sim.port, timing=QUICK, plant=plant)


def asked(sim: Simulator) -> Counter[int]:
    """Return how often each device was asked."""
    return Counter(request.device_address for request in sim.requests)
