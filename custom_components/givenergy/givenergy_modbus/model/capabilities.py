"""What detection found out about a plant, and how that is stored between starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self

from .device_kinds import BCU, LV_BATTERY, PERIPHERALS, DeviceKind, Peripheral
from .models import Model, Trait, traits_of
from .plan import CONFIG, FACADE_ADDRESS, INVERTER_ADDRESS, MEASUREMENTS, Block, Read, served

SCHEMA_VERSION = 1

_LEGACY_KEYS = {
    "inverter_slave": "inverter_address",
    "meter_slaves": "meter_addresses",
    "lv_battery_slaves": "lv_battery_addresses",
    "bcu_slaves": "bcu_stacks",
}


@dataclass(slots=True)
class PlantCapabilities:
    """The layout of one plant: which product answers, and what sits behind it."""

    device_type: Model | None
    """The specific product; None for a type code nobody knows."""
    inverter_address: int = INVERTER_ADDRESS
    meter_addresses: list[int] = field(default_factory=list)
    lv_battery_addresses: list[int] = field(default_factory=list)
    bcu_stacks: list[tuple[int, int]] = field(default_factory=list)
    """Pairs of stack offset (controller at 0x70 + offset) and number of modules."""
    aio_battery_module_addresses: list[int] = field(default_factory=list)
    lv_bcu_address: int | None = None
    hv_bmu_addresses: list[int] = field(default_factory=list)
    arm_firmware_version: int | None = None
    served_blocks: list[str] = field(default_factory=list, compare=False)
    """The ``maybe`` blocks that answered, as ``0x11:HR(240,60)``."""

    KEYS: ClassVar = (
        "device_type",
        "inverter_address",
        "meter_addresses",
        "lv_battery_addresses",
        "bcu_stacks",
        "aio_battery_module_addresses",
        "hv_bmu_addresses",
        "lv_bcu_address",
        "arm_firmware_version",
        "served_blocks",
    )

    @property
    def traits(self) -> Trait:
        """What the product and its firmware bring with them."""
        return traits_of(self.device_type, self.arm_firmware_version)

    @property
    def is_hv(self) -> bool:
        """Whether the battery is a high-voltage stack."""
        return Trait.HV_BATTERY in self.traits

    @property
    def is_three_phase(self) -> bool:
        """Whether the three-phase registers are the ones that count."""
        return Trait.THREE_PHASE in self.traits

    @property
    def is_ac_coupled(self) -> bool:
        """Whether the inverter has no solar input of its own."""
        return Trait.AC_COUPLED in self.traits

    @property
    def has_extended_slots(self) -> bool:
        """Whether there are ten charge and ten discharge slots, and HR(240,60) is served."""
        return Trait.EXTENDED_SLOTS in self.traits

    @property
    def has_ac_config_block(self) -> bool:
        """Whether HR(300,60) is served."""
        return Trait.AC_CONFIG in self.traits

    @property
    def is_ems(self) -> bool:
        """Whether a plant controller answers in the inverter's place."""
        return Trait.EMS in self.traits

    @property
    def is_gateway(self) -> bool:
        """Whether a gateway answers in the inverter's place."""
        return Trait.GATEWAY in self.traits

    def addresses(self, kind: DeviceKind) -> list[int]:
        """Return where devices of a kind answer."""
        return {
            self.root_kind: [self.inverter_address],
            DeviceKind.METER: self.meter_addresses,
            DeviceKind.LV_BATTERY: self.lv_battery_addresses,
            DeviceKind.LV_BCU: [] if self.lv_bcu_address is None else [self.lv_bcu_address],
            DeviceKind.HV_STACK: [BCU.addresses.start + offset for offset, _ in self.bcu_stacks],
            DeviceKind.AIO_MODULE: self.aio_battery_module_addresses,
            DeviceKind.HV_MODULE: self.hv_bmu_addresses,
        }.get(kind, [])

    @property
    def root_kind(self) -> DeviceKind:
        """The kind of the device that answers in the inverter's place."""
        if self.is_ems:
            return DeviceKind.EMS
        return DeviceKind.GATEWAY if self.is_gateway else DeviceKind.INVERTER

    @property
    def measurement_plan(self) -> tuple[Read, ...]:
        """What to read on every poll."""
        return self._inverter_reads(MEASUREMENTS) + tuple(
            Read(address, row.block)
            for row in self.peripherals
            for address in self.addresses(row.kind)
        )

    @property
    def config_plan(self) -> tuple[Read, ...]:
        """What to read once in a while."""
        known = frozenset(self.served_blocks)
        return self._inverter_reads(CONFIG) + tuple(
            Read(address, block)
            for row in self.peripherals
            for address in self.addresses(row.kind)
            for block in served(row.extras, self.traits, known, address)
        )

    @property
    def peripherals(self) -> tuple[Peripheral, ...]:
        """The kinds of device this plant has at least one of, in polling order."""
        return tuple(row for row in PERIPHERALS if self.addresses(row.kind))

    def _inverter_reads(self, blocks: tuple[Block, ...]) -> tuple[Read, ...]:
        known = frozenset(self.served_blocks)
        return tuple(
            Read(self.inverter_address, block)
            for block in served(blocks, self.traits, known, self.inverter_address)
        )

    def serves(self, address: int, text: str) -> bool:
        """Whether a ``maybe`` block such as ``HR(240,60)`` answered at an address."""
        return f"{address:#04x}:{text}" in self.served_blocks

    def normalized(self) -> Self:
        """Return the layout with addresses of older versions replaced by today's.

        Old records have the inverter at 0x31 or 0x32; it answers at 0x11 on
        every model.
        """
        if self.inverter_address in (FACADE_ADDRESS, LV_BATTERY.addresses.start):
            return replace(self, inverter_address=INVERTER_ADDRESS)
        return self

    def missing_from(self, actual: PlantCapabilities) -> list[tuple[DeviceKind, int]]:
        """Return the peripherals this topology has and another lacks: what was lost."""
        return [
            (row.kind, address)
            for row in PERIPHERALS
            for address in self.addresses(row.kind)
            if address not in actual.addresses(row.kind)
        ]

    def without(self, address: int) -> PlantCapabilities:
        """Return the layout with the device at an address taken out."""
        return replace(
            self,
            meter_addresses=[it for it in self.meter_addresses if it != address],
            lv_battery_addresses=[it for it in self.lv_battery_addresses if it != address],
            bcu_stacks=[it for it in self.bcu_stacks if BCU.addresses.start + it[0] != address],
            aio_battery_module_addresses=[
                it for it in self.aio_battery_module_addresses if it != address
            ],
            hv_bmu_addresses=[it for it in self.hv_bmu_addresses if it != address],
            lv_bcu_address=None if self.lv_bcu_address == address else self.lv_bcu_address,
        )

    def merged(self, actual: PlantCapabilities) -> PlantCapabilities:
        """Return another layout with the devices kept that only this one has."""

        def either(mine: list[int], theirs: list[int]) -> list[int]:
            return sorted({*mine, *theirs})

        return replace(
            actual,
            meter_addresses=either(self.meter_addresses, actual.meter_addresses),
            lv_battery_addresses=either(self.lv_battery_addresses, actual.lv_battery_addresses),
            bcu_stacks=sorted((dict(self.bcu_stacks) | dict(actual.bcu_stacks)).items()),
            aio_battery_module_addresses=either(
                self.aio_battery_module_addresses, actual.aio_battery_module_addresses
            ),
            hv_bmu_addresses=either(self.hv_bmu_addresses, actual.hv_bmu_addresses),
            lv_bcu_address=self.lv_bcu_address
            if actual.lv_bcu_address is None
            else actual.lv_bcu_address,
            served_blocks=sorted({*self.served_blocks, *actual.served_blocks}),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the layout as plain JSON values, with ``schema_version`` first."""
        model = self.device_type
        values: dict[str, Any] = {
            "device_type": None if model is None else model.name,
            "inverter_address": _spell(self.inverter_address),
            "meter_addresses": [_spell(it) for it in self.meter_addresses],
            "lv_battery_addresses": [_spell(it) for it in self.lv_battery_addresses],
            "bcu_stacks": [list(stack) for stack in self.bcu_stacks],
            "aio_battery_module_addresses": [
                _spell(it) for it in self.aio_battery_module_addresses
            ],
            "hv_bmu_addresses": [_spell(it) for it in self.hv_bmu_addresses],
            "lv_bcu_address": None if self.lv_bcu_address is None else _spell(self.lv_bcu_address),
            "arm_firmware_version": self.arm_firmware_version,
        }
        if self.served_blocks:
            values["served_blocks"] = list(self.served_blocks)
        return {"schema_version": SCHEMA_VERSION, **values}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote, in this or any earlier form.

        Raises ValueError for a schema from the future or a value that makes no
        sense, KeyError where the product or the inverter's address is missing.
        """
        if stored.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
            raise ValueError(f"capabilities schema {stored['schema_version']} is not known")
        values = {_LEGACY_KEYS[key]: stored[key] for key in _LEGACY_KEYS if key in stored}
        values.update({key: stored[key] for key in cls.KEYS if key in stored})
        bcu = values.get("lv_bcu_address")
        firmware = values.get("arm_firmware_version")
        return cls(
            device_type=_read_model(values["device_type"]),
            inverter_address=_parse(values["inverter_address"]),
            meter_addresses=_addresses(values, "meter_addresses"),
            lv_battery_addresses=_addresses(values, "lv_battery_addresses"),
            bcu_stacks=[
                (int(offset), int(modules)) for offset, modules in values.get("bcu_stacks") or ()
            ],
            aio_battery_module_addresses=_addresses(values, "aio_battery_module_addresses"),
            lv_bcu_address=None if bcu is None else _parse(bcu),
            hv_bmu_addresses=_addresses(values, "hv_bmu_addresses"),
            arm_firmware_version=None if firmware is None else int(firmware),
            served_blocks=[str(it) for it in values.get("served_blocks") or ()],
        )


TOPOLOGY_FIELDS = tuple(
    it.name for it in fields(PlantCapabilities) if it.compare and it.name != "arm_firmware_version"
)
"""What makes two layouts the same; a firmware update is no change of hardware."""


def _spell(address: int) -> str:
    return f"{address:#04x}"


def _parse(address: int | str) -> int:
    return int(address, 0) if isinstance(address, str) else int(address)


def _addresses(values: Mapping[str, Any], key: str) -> list[int]:
    return [_parse(it) for it in values.get(key) or ()]


def _read_model(stored: Any) -> Model | None:
    if stored is None or isinstance(stored, Model):
        return stored
    try:
        return Model[stored] if stored in Model.__members__ else Model(str(stored))
    except ValueError:
        raise ValueError(f"{stored!r} is not a known product") from None
