"""The topology of a plant as detection found it, and its stored form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from .device_kinds import HV_STACK, LV_BATTERY, PERIPHERALS, DeviceKind, PeripheralRow
from .models import Model, Trait, traits_of
from .plan import CONFIG, FACADE_ADDRESS, INVERTER_ADDRESS, MEASUREMENTS, Block, Read, served

SCHEMA_VERSION = 1

_LEGACY_KEYS = {
    "inverter_slave": "inverter_address",
    "meter_slaves": "meter_addresses",
    "lv_battery_slaves": "lv_battery_addresses",
    "bcu_slaves": "bcu_stacks",
}


class MissingKey(KeyError, ValueError):
    """Stored capabilities lack what they cannot be without."""


@dataclass(frozen=True)
class PlantCapabilities:
    """The topology of one plant: which model answers, and which devices are behind it.

    Derive another one with ``dataclasses.replace``; what follows from one is computed once.
    """

    device_type: Model | None
    """The specific model; None for an unknown type code."""
    inverter_address: int = INVERTER_ADDRESS
    meter_addresses: Sequence[int] = ()
    lv_battery_addresses: Sequence[int] = ()
    bcu_stacks: Sequence[tuple[int, int]] = ()
    """Pairs of stack offset (controller at 0x70 + offset) and number of modules."""
    aio_battery_module_addresses: Sequence[int] = ()
    lv_bcu_address: int | None = None
    hv_bmu_addresses: Sequence[int] = ()
    arm_firmware_version: int | None = None
    served_blocks: Sequence[str] = field(default=(), compare=False)
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

    def __post_init__(self) -> None:
        """Keep lists of our own, so that no caller can change them later."""
        for stored in fields(self):
            value = getattr(self, stored.name)
            if isinstance(value, Sequence):
                object.__setattr__(self, stored.name, list(value))

    @cached_property
    def traits(self) -> Trait:
        """What model and firmware imply."""
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

    def addresses(self, kind: DeviceKind) -> Sequence[int]:
        """Return where devices of a kind answer."""
        return {
            self.root_kind: [self.inverter_address],
            DeviceKind.METER: self.meter_addresses,
            DeviceKind.LV_BATTERY: self.lv_battery_addresses,
            DeviceKind.LV_BCU: [] if self.lv_bcu_address is None else [self.lv_bcu_address],
            DeviceKind.HV_STACK: [
                HV_STACK.addresses.start + offset for offset, _ in self.bcu_stacks
            ],
            DeviceKind.AIO_MODULE: self.aio_battery_module_addresses,
            DeviceKind.HV_MODULE: self.hv_bmu_addresses,
        }.get(kind, [])

    @property
    def root_kind(self) -> DeviceKind:
        """The kind of the device that answers in the inverter's place."""
        if self.is_ems:
            return DeviceKind.EMS
        return DeviceKind.GATEWAY if self.is_gateway else DeviceKind.INVERTER

    @cached_property
    def measurement_plan(self) -> tuple[Read, ...]:
        """What to read on every poll."""
        return self._inverter_reads(MEASUREMENTS) + tuple(
            Read(address, row.block)
            for row in self.peripherals
            for address in self.addresses(row.kind)
        )

    @cached_property
    def config_plan(self) -> tuple[Read, ...]:
        """What to read once in a while."""
        known = frozenset(self.served_blocks)
        return self._inverter_reads(CONFIG) + tuple(
            Read(address, block)
            for row in self.peripherals
            for address in self.addresses(row.kind)
            for block in served(row.extras, self.traits, known, address)
        )

    @cached_property
    def peripherals(self) -> tuple[PeripheralRow, ...]:
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
        """Return the topology with addresses of older versions replaced by today's.

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
        """Return the topology with the peripheral at an address removed."""

        def others(addresses: Iterable[int]) -> list[int]:
            return [known for known in addresses if known != address]

        return replace(
            self,
            meter_addresses=others(self.meter_addresses),
            lv_battery_addresses=others(self.lv_battery_addresses),
            bcu_stacks=[
                stack for stack in self.bcu_stacks if HV_STACK.addresses.start + stack[0] != address
            ],
            aio_battery_module_addresses=others(self.aio_battery_module_addresses),
            hv_bmu_addresses=others(self.hv_bmu_addresses),
            lv_bcu_address=None if self.lv_bcu_address == address else self.lv_bcu_address,
        )

    def merged(self, actual: PlantCapabilities) -> PlantCapabilities:
        """Return another topology with the devices added that only this one has."""

        def either(mine: Iterable[int], theirs: Iterable[int]) -> list[int]:
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
        """Return the topology as plain JSON values, with ``schema_version`` first."""
        model = self.device_type
        bcu = self.lv_bcu_address
        values: dict[str, Any] = {
            "device_type": None if model is None else model.name,
            "inverter_address": _to_hex(self.inverter_address),
            "meter_addresses": [_to_hex(address) for address in self.meter_addresses],
            "lv_battery_addresses": [_to_hex(address) for address in self.lv_battery_addresses],
            "bcu_stacks": [list(stack) for stack in self.bcu_stacks],
            "aio_battery_module_addresses": [
                _to_hex(address) for address in self.aio_battery_module_addresses
            ],
            "hv_bmu_addresses": [_to_hex(address) for address in self.hv_bmu_addresses],
            "lv_bcu_address": None if bcu is None else _to_hex(bcu),
            "arm_firmware_version": self.arm_firmware_version,
        }
        if self.served_blocks:
            values["served_blocks"] = list(self.served_blocks)
        return {"schema_version": SCHEMA_VERSION, **values}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote, in this or any earlier form.

        Raises ValueError for an unknown schema or a value of the wrong form, and a
        MissingKey where the model or the inverter's address is missing.
        """
        if not isinstance(stored, Mapping):
            raise ValueError(f"capabilities are a mapping, not {type(stored).__name__}")
        if stored.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
            raise ValueError(f"capabilities schema {stored['schema_version']!r} is not known")
        values = {_LEGACY_KEYS[key]: stored[key] for key in _LEGACY_KEYS if key in stored}
        values.update({key: stored[key] for key in cls.KEYS if key in stored})
        for key in ("device_type", "inverter_address"):
            if key not in values:
                raise MissingKey(key)
        try:
            return cls._parsed(values)
        except TypeError as err:
            raise ValueError(f"capabilities of the wrong form: {err}") from err

    @classmethod
    def _parsed(cls, values: Mapping[str, Any]) -> Self:
        """Read stored values; TypeError or ValueError for one of the wrong form."""
        bcu = values.get("lv_bcu_address")
        firmware = values.get("arm_firmware_version")
        return cls(
            device_type=_parse_model(values["device_type"]),
            inverter_address=_parse(values["inverter_address"]),
            meter_addresses=_parse_all(values, "meter_addresses"),
            lv_battery_addresses=_parse_all(values, "lv_battery_addresses"),
            bcu_stacks=[
                (_number(offset), _number(modules))
                for offset, modules in values.get("bcu_stacks") or ()
            ],
            aio_battery_module_addresses=_parse_all(values, "aio_battery_module_addresses"),
            lv_bcu_address=None if bcu is None else _parse(bcu),
            hv_bmu_addresses=_parse_all(values, "hv_bmu_addresses"),
            arm_firmware_version=None if firmware is None else _number(firmware),
            served_blocks=_texts(values.get("served_blocks") or ()),
        )


TOPOLOGY_FIELDS = tuple(
    stored.name
    for stored in fields(PlantCapabilities)
    if stored.compare and stored.name != "arm_firmware_version"
)
"""The fields two equal topologies agree in; a firmware update is no change of hardware."""


def _to_hex(address: int) -> str:
    return f"{address:#04x}"


def _parse(address: object) -> int:
    parsed = int(address, 0) if isinstance(address, str) else _number(address)
    if not 0 <= parsed <= 0xFF:
        raise ValueError(f"{address!r} is no device address")
    return parsed


def _number(value: object) -> int:
    number = int(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"{value!r} is no whole number from 0")
    return number


def _parse_all(values: Mapping[str, Any], key: str) -> list[int]:
    return [_parse(address) for address in _sequence(values.get(key) or ())]


def _texts(values: object) -> list[str]:
    texts = _sequence(values)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{values!r} are no names of blocks")
    return list(texts)


def _sequence(values: object) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise ValueError(f"{values!r} is no list")
    return values


def _parse_model(stored: object) -> Model | None:
    if stored is None or isinstance(stored, Model):
        return stored
    name = str(stored)
    try:
        return Model[name] if name in Model.__members__ else Model(name)
    except ValueError:
        raise ValueError(f"{stored!r} is no known model") from None
