"""What detection found, kept between starts."""

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import DeviceKind
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import PlantCapabilities as DocumentedPlantCapabilities
from hypothesis import given
from hypothesis import strategies as st


def addresses(low: int, high: int) -> st.SearchStrategy[list[int]]:
    """Return lists of addresses in a range."""
    return st.lists(st.integers(low, high), unique=True, max_size=4).map(sorted)


LAYOUTS = st.builds(
    PlantCapabilities,
    device_type=st.one_of(st.none(), st.sampled_from(Model)),
    inverter_address=st.sampled_from([0x11, 0x31, 0x32]),
    meter_addresses=addresses(1, 8),
    lv_battery_addresses=addresses(0x32, 0x37),
    bcu_stacks=st.lists(st.tuples(st.integers(0, 31), st.integers(0, 8)), max_size=3),
    aio_battery_module_addresses=addresses(0x50, 0x53),
    lv_bcu_address=st.one_of(st.none(), st.just(0x31)),
    hv_bmu_addresses=addresses(0x50, 0x6F),
    arm_firmware_version=st.one_of(st.none(), st.integers(1, 0xFFFF)),
    served_blocks=st.lists(
        st.sampled_from(
            ["0x11:HR(180,60)", "0x11:HR(240,60)", "0x11:HR(300,60)", "0x01:MR(60,60)"]
        ),
        unique=True,
    ),
)

STORED = {
    "schema_version": 1,
    "device_type": "HYBRID",
    "inverter_address": "0x11",
    "meter_addresses": ["0x01"],
    "lv_battery_addresses": ["0x32", "0x33"],
    "bcu_stacks": [],
}
"""A layout as the guide shows it."""


@given(LAYOUTS)
def test_round_trip(layout: PlantCapabilities) -> None:
    """What was stored as JSON is the same layout when read again."""
    stored = json.loads(json.dumps(layout.to_dict()))
    restored = PlantCapabilities.from_dict(stored)
    assert restored == layout
    assert restored.served_blocks == layout.served_blocks
    assert restored.to_dict() == layout.to_dict()


def test_stored_form() -> None:
    """The stored form has its keys in this order, addresses as hexadecimal text."""
    layout = PlantCapabilities(
        Model.HYBRID_GEN1, 0x11, [1], [0x32, 0x33], [(0, 6)], [], None, [0x50], 449
    )
    assert json.dumps(layout.to_dict()) == (
        '{"schema_version": 1, "device_type": "HYBRID_GEN1", "inverter_address": "0x11", '
        '"meter_addresses": ["0x01"], "lv_battery_addresses": ["0x32", "0x33"], '
        '"bcu_stacks": [[0, 6]], "aio_battery_module_addresses": [], '
        '"hv_bmu_addresses": ["0x50"], "lv_bcu_address": null, "arm_firmware_version": 449}'
    )
    layout = replace(layout, served_blocks=["0x11:HR(240,60)"])
    assert layout.to_dict()["served_blocks"] == ["0x11:HR(240,60)"]


def test_documented_form() -> None:
    """The form in the guide is read, with any of its keys missing."""
    assert DocumentedPlantCapabilities is PlantCapabilities
    layout = PlantCapabilities.from_dict(STORED)
    assert layout == PlantCapabilities(
        Model.HYBRID, meter_addresses=[1], lv_battery_addresses=[0x32, 0x33]
    )


@pytest.mark.parametrize("product", ["HYBRID_GEN3", "20g3", Model.HYBRID_GEN3])
def test_names_of_a_product(product: Any) -> None:
    """A product is known by its name, by what it used to be stored as, and as itself."""
    stored = STORED | {"device_type": product}
    assert PlantCapabilities.from_dict(stored).device_type is Model.HYBRID_GEN3


def test_an_unknown_product_stays_unknown() -> None:
    """A model that was unknown when it was stored stays unknown."""
    layout = PlantCapabilities(None, lv_battery_addresses=[0x32])
    assert PlantCapabilities.from_dict(layout.to_dict()) == layout


def test_old_forms() -> None:
    """Records of earlier versions are read, with raw numbers and former names."""
    old = {
        "device_type": 8,
        "inverter_slave": 0x31,
        "meter_slaves": [1, 2],
        "lv_battery_slaves": None,
        "bcu_slaves": [["0", "5"]],
        "something_else": True,
    }
    assert PlantCapabilities.from_dict(old) == PlantCapabilities(
        Model.ALL_IN_ONE, 0x31, [1, 2], [], [(0, 5)]
    )
    renamed = {"device_type": "AC", "inverter_slave": 0x31, "inverter_address": "17"}
    assert PlantCapabilities.from_dict(renamed).inverter_address == 0x11


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"schema_version": 2}, ValueError),
        ({"schema_version": None}, ValueError),
        ({"device_type": "TOASTER"}, ValueError),
        ({"inverter_address": "eleven"}, ValueError),
        ({"meter_addresses": ["one"]}, ValueError),
        ({"bcu_stacks": [["a", 1]]}, ValueError),
        ({"bcu_stacks": [3]}, ValueError),
        ({"bcu_stacks": 3}, ValueError),
        ({"bcu_stacks": [[-1, 2]]}, ValueError),
        ({"meter_addresses": "0x01"}, ValueError),
        ({"meter_addresses": [256]}, ValueError),
        ({"meter_addresses": [None]}, ValueError),
        ({"lv_bcu_address": 1.5}, ValueError),
        ({"arm_firmware_version": "A449"}, ValueError),
        ({"arm_firmware_version": True}, ValueError),
        ({"served_blocks": [1]}, ValueError),
        ({"device_type": ["AC"]}, ValueError),
    ],
)
def test_what_makes_no_sense(change: dict[str, Any], error: type[Exception]) -> None:
    """A record that cannot be read is an error, so that the plant is detected anew."""
    with pytest.raises(error):
        PlantCapabilities.from_dict(STORED | change)


@pytest.mark.parametrize("stored", [None, [], "AC", 3])
def test_a_record_that_is_no_mapping(stored: Any) -> None:
    with pytest.raises(ValueError, match="mapping"):
        PlantCapabilities.from_dict(stored)


def test_a_topology_is_frozen_and_keeps_lists_of_its_own() -> None:
    meters = [1]
    layout = PlantCapabilities(Model.AC, meter_addresses=meters)
    meters.append(2)
    assert layout.meter_addresses == [1]
    with pytest.raises(FrozenInstanceError):
        layout.meter_addresses = [2]  # type: ignore[misc]
    assert layout.measurement_plan is layout.measurement_plan
    assert layout.config_plan is layout.config_plan
    assert replace(layout, meter_addresses=[]).measurement_plan != layout.measurement_plan


@pytest.mark.parametrize("missing", ["device_type", "inverter_address"])
def test_what_is_missing(missing: str) -> None:
    """A stored topology must have a model and an address."""
    for error in (KeyError, ValueError):
        with pytest.raises(error, match=missing):
            PlantCapabilities.from_dict({key: STORED[key] for key in STORED if key != missing})


def test_found_blocks_make_no_other_plant() -> None:
    """A firmware that serves one block more leaves the layout the same."""
    found = PlantCapabilities(Model.HYBRID_GEN2, served_blocks=["0x11:HR(300,60)"])
    assert found == PlantCapabilities(Model.HYBRID_GEN2)
    assert found.serves(0x11, "HR(300,60)")
    assert len(found.config_plan) == len(PlantCapabilities(Model.HYBRID_GEN2).config_plan) + 1


@pytest.mark.parametrize(("stored", "normalized"), [(0x11, 0x11), (0x31, 0x11), (0x32, 0x11)])
def test_former_addresses(stored: int, normalized: int) -> None:
    """An inverter stored elsewhere is looked for where every inverter is."""
    layout = PlantCapabilities(Model.AC, stored, [1])
    assert layout.normalized() == PlantCapabilities(Model.AC, normalized, [1])
    assert layout.inverter_address == stored


@pytest.mark.parametrize(
    ("layout", "properties"),
    [
        (PlantCapabilities(Model.HYBRID_GEN1), set()),
        (PlantCapabilities(Model.HYBRID_GEN3, arm_firmware_version=302), set()),
        (
            PlantCapabilities(Model.HYBRID_GEN3, arm_firmware_version=303),
            {"has_extended_slots"},
        ),
        (PlantCapabilities(Model.AC), {"is_ac_coupled", "has_ac_config_block"}),
        (
            PlantCapabilities(Model.AC_3PH),
            {"is_hv", "is_three_phase", "is_ac_coupled", "has_ac_config_block"},
        ),
        (
            PlantCapabilities(Model.ALL_IN_ONE),
            {"is_hv", "has_extended_slots", "has_ac_config_block"},
        ),
        (PlantCapabilities(Model.AIO_COMMERCIAL), {"is_three_phase"}),
        (PlantCapabilities(Model.EMS_COMMERCIAL), {"is_ems"}),
        (PlantCapabilities(Model.GATEWAY), {"is_gateway"}),
        (PlantCapabilities(None), set()),
    ],
    ids=lambda value: (
        value.device_type and str(value.device_type) + str(value.arm_firmware_version)
        if isinstance(value, PlantCapabilities)
        else "has"
    ),
)
def test_properties(layout: PlantCapabilities, properties: set[str]) -> None:
    """What a plant is and has follows from its product and firmware."""
    names = [name for name in dir(layout) if name.startswith(("is_", "has_"))]
    assert {name for name in names if getattr(layout, name)} == properties


def test_plans() -> None:
    """A plan names every device there is, and each block it serves."""
    layout = PlantCapabilities(
        Model.ALL_IN_ONE,
        meter_addresses=[1],
        bcu_stacks=[(1, 4)],
        aio_battery_module_addresses=[0x50, 0x51],
        served_blocks=["0x01:MR(60,60)", "0x71:IR(120,60)", "0x11:HR(180,60)"],
    )
    assert [str(read) for read in layout.measurement_plan] == [
        "0x11:IR(0,60)",
        "0x11:IR(180,60)",
        "0x01:IR(60,30)",
        "0x71:IR(60,60)",
        "0x50:IR(60,60)",
        "0x51:IR(60,60)",
    ]
    assert [str(read) for read in layout.config_plan] == [
        "0x11:HR(0,60)",
        "0x11:HR(60,60)",
        "0x11:HR(120,60)",
        "0x11:HR(180,60)",
        "0x11:HR(240,60)",
        "0x11:HR(300,60)",
        "0x01:MR(60,60)",
        "0x71:IR(120,60)",
    ]
    assert layout.addresses(DeviceKind.HV_STACK) == [0x71]
    assert layout.addresses(DeviceKind.LV_BCU) == []
    assert PlantCapabilities(Model.AC, lv_bcu_address=0x31).addresses(DeviceKind.LV_BCU) == [0x31]
