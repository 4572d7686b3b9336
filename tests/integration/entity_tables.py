"""Every row of every platform, over all products: what the integration could show at most."""

from collections.abc import Iterator, Mapping
from functools import cache

from custom_components.givenergy import button, event
from custom_components.givenergy.devices import PlantDevice
from custom_components.givenergy.entity import AnyDescription
from custom_components.givenergy.givenergy_modbus.model.capabilities import PlantCapabilities
from custom_components.givenergy.givenergy_modbus.model.device_kinds import (
    DEVICE_KINDS,
    PERIPHERALS,
)
from custom_components.givenergy.givenergy_modbus.model.models import Model
from custom_components.givenergy.givenergy_modbus.model.plan import CONFIG, Read
from custom_components.givenergy.scope import EntityScope
from custom_components.givenergy.sensor import override
from custom_components.givenergy.sensor.aggregate import aggregated
from custom_components.givenergy.sensor.description import GivEnergySensorDescription
from custom_components.givenergy.takeover import offers
from custom_components.givenergy.takeover.offers import Rows

type Row = AnyDescription

TABLES: Mapping[str, tuple[Rows, ...]] = {
    **offers.TABLES,
    "button": (*offers.TABLES["button"], button.override_buttons),
    "event": (event.events,),
    "sensor": (*offers.TABLES["sensor"], override.override_sensors),
}
"""Every platform with the functions that describe its entities."""


def plants() -> Iterator[PlantCapabilities]:
    """Yield every product with one of everything behind it, and every block served."""
    for model in (*Model, None):
        yield PlantCapabilities(
            model,
            meter_addresses=[1],
            lv_battery_addresses=[0x32],
            bcu_stacks=[(0, 1)],
            aio_battery_module_addresses=[0x50],
            lv_bcu_address=0x31,
            hv_bmu_addresses=[0x50],
            arm_firmware_version=303,
            served_blocks=[
                *(str(Read(0x11, block)) for block in CONFIG if block.maybe),
                *(
                    str(Read(address, block))
                    for row in PERIPHERALS
                    for address in row.addresses
                    for block in row.extras
                ),
            ],
        )


def plant_devices(capabilities: PlantCapabilities) -> Iterator[PlantDevice]:
    """Yield one device of every kind that a product may have."""
    root = capabilities.root_kind
    for kind, row in DEVICE_KINDS.items():
        if (row.is_root and kind != root) or row.reported_by not in (None, root):
            continue
        yield PlantDevice(
            kind=kind,
            place=row.addresses.start,
            number=1,
            identity=kind,
            serial=None,
            model=row.model_for(capabilities.traits),
            parent=None if kind == root else root,
        )


def rows_of(platform: str, part: PlantDevice, capabilities: PlantCapabilities) -> list[Row]:
    """Return the rows of a platform that hold for one device of a plant."""
    reach = EntityScope.of(capabilities)
    return [
        row
        for table in TABLES[platform]
        for row in table(part, capabilities)
        if row.exists(part, reach)
    ]


@cache
def rows_on(platform: str) -> tuple[tuple[PlantDevice, Row], ...]:
    """Return every row of a platform, with the device it belongs to."""
    return tuple(found for capabilities in plants() for found in _rows_on(platform, capabilities))


def _rows_on(platform: str, capabilities: PlantCapabilities) -> Iterator[tuple[PlantDevice, Row]]:
    there = list(plant_devices(capabilities))
    found = [(part, row) for part in there for row in rows_of(platform, part, capabilities)]
    yield from found
    if platform == "sensor":
        root = next(part for part in there if part.parent is None)
        readings = [
            (part, row) for part, row in found if isinstance(row, GivEnergySensorDescription)
        ]
        yield from ((root, row) for row in aggregated(root, readings))


def rows() -> Mapping[str, tuple[tuple[PlantDevice, Row], ...]]:
    """Return every row by platform, with the device it belongs to."""
    return {platform: rows_on(platform) for platform in TABLES}


def translation_keys(platform: str) -> set[str]:
    """Return the translation keys a platform uses."""
    return {str(row.translation_key) for _, row in rows_on(platform)}
