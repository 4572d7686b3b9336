"""The writes of an override while they are being gathered, in the order they are sent."""

from collections.abc import Mapping
from typing import Any

from ..givenergy_modbus.model import TimeSlot, encode_time
from ..givenergy_modbus.model.allowlist import accepts
from ..givenergy_modbus.model.commands.slot_map import SlottedDevice
from ..givenergy_modbus.model.register import HR, Register, RegisterField
from ..givenergy_modbus.write_report import RegisterWrite
from ..time_of_day import length
from .request import OverrideNote, OverrideRefused


class Draft:
    """Gathers writes to one device; registers that hold the word already are left out."""

    def __init__(
        self,
        device: SlottedDevice,
        words: Mapping[Register, int],
        writable: Mapping[int, RegisterField],
    ) -> None:
        """Start with the device as it is without any override."""
        self.device = device
        self.slot: tuple[int, int] | None = None
        """Registers of the slot that ends the override, once there is one."""
        self.slot_number: int | None = None
        self.notes: list[OverrideNote] = []
        self._words = words
        self._writable = writable
        self._writes: dict[int, int] = {}

    @property
    def writes(self) -> tuple[RegisterWrite, ...]:
        """The registers to write, in order."""
        return tuple(RegisterWrite(*item) for item in self._writes.items())

    @property
    def before(self) -> dict[int, int]:
        """The word to restore in each of them."""
        return {register: self._restorable(register) for register in self._writes}

    def get(self, name: str) -> Any:
        """Return a value of the device; its type is the field's."""
        return getattr(self.device, name, None)

    def can_set(self, name: str) -> bool:
        """Return whether the device has a setting that may be written."""
        registers = self._registers(name)
        return bool(registers) and all(
            register in self._writable and self._known(register) for register in registers
        )

    def set(self, **settings: Any) -> None:
        """Set settings by name. Raises InvalidSetting for a value out of range."""
        for name, value in settings.items():
            if not self.can_set(name):
                raise OverrideRefused("override_not_supported")
            for request in type(self.device).write(**{name: value}):
                self._put(request.register, request.value)

    def take_slot(self, kind: str, slot: TimeSlot) -> int:
        """Set the highest unused slot, and return its number.

        The end comes first, and is restored last: half-written, the slot still ends.
        """
        number = self._free(kind)
        start, end = self._ends(kind, number)
        self._put(end, encode_time(slot.end))
        self._put(start, encode_time(slot.start))
        self.slot, self.slot_number = (start, end), number
        return number

    def take_pause_slot(self, slot: TimeSlot) -> None:
        """Set the slot in which the pause mode applies, its end first."""
        start, end = self._registers("battery_pause_slot_1")
        self._put(end, encode_time(slot.end))
        self._put(start, encode_time(slot.start))
        self.slot, self.slot_number = (start, end), 1

    def clear_slot(self, kind: str, number: int) -> None:
        """Clear a slot, its start first."""
        for register in self._ends(kind, number):
            self._put(register, 0)

    def numbers(self, kind: str) -> list[int]:
        """Return the numbers of the slots of a kind that may be written."""
        count = type(self.device).slot_count
        return [number for number in range(1, count + 1) if self.can_set(f"{kind}_slot_{number}")]

    def slots(self, kind: str) -> dict[int, TimeSlot]:
        """Return the slots of a kind that are in use, by number."""
        found = {index: self.get(f"{kind}_slot_{index}") for index in self.numbers(kind)}
        return {number: slot for number, slot in found.items() if length(slot)}

    def next_slot(self, kind: str) -> int:
        """Return the number of the slot that ``take_slot`` takes."""
        return self._free(kind)

    def _free(self, kind: str) -> int:
        """Return the highest unused slot, one that can be restored exactly if there is one."""
        numbers = self.numbers(kind)
        if not numbers:
            raise OverrideRefused("override_not_supported")
        used = self.slots(kind)
        unused = [number for number in reversed(numbers) if number not in used]
        exact = [
            number
            for number in unused
            if all(
                self._words[HR(end)] == self._restorable(end) for end in self._ends(kind, number)
            )
        ]
        return next(iter(exact or unused), 1)

    def _ends(self, kind: str, number: int) -> tuple[int, int]:
        start, end = self._registers(f"{kind}_slot_{number}")
        return start, end

    def _registers(self, name: str) -> tuple[int, ...]:
        try:
            field = type(self.device).setting(name)
        except ValueError:
            return ()
        return tuple(register.address for register in field.registers)

    def _known(self, register: int) -> bool:
        return HR(register) in self._words

    def _put(self, register: int, word: int) -> None:
        self._writes.pop(register, None)
        if self._words[HR(register)] != word:
            self._writes[register] = word

    def _restorable(self, register: int) -> int:
        """Return the word to restore: the present one, or its neutral form if it is none.

        A slot that was never set may hold 60, and its target 0, which no command may write.
        """
        word, field = self._words[HR(register)], self._writable[register]
        if accepts(field, register, word):
            return word
        if field.kind is TimeSlot:
            return 0
        limits = field.writable
        assert limits is not None
        neutral = limits.high if field.name.startswith("charge_target") else limits.low
        return word if neutral is None else int(neutral)
