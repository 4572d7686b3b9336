"""Everything that goes wrong between a plant and its client, one row each, by name.

A fault is switched on for a number of answers, or until it is cleared, for every
device or for one, always or with some probability. It strikes at one of three
stages: before the device is asked, once it has answered, or when the answer leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from . import fault_effects
from .outgoing import Injection, OutgoingResponse


class Stage(Enum):
    """When a fault strikes."""

    REQUEST = auto()
    """The device has not been asked yet, and may never be."""
    RESPONSE = auto()
    """The device has answered; its words may change."""
    FRAME = auto()
    """The answer is bytes about to leave."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One thing that goes wrong."""

    stage: Stage
    apply: Callable[[OutgoingResponse, Injection], bool]


class Fault(Enum):
    """What can be made to go wrong."""

    SILENT = FaultRow(Stage.REQUEST, fault_effects.no_answer)
    SILENT_WINDOW = FaultRow(Stage.REQUEST, fault_effects.silent_window)
    EXCEPTION_COUNT_0 = FaultRow(Stage.REQUEST, fault_effects.exception_without_count)
    EXCEPTION_COUNT_ECHOED = FaultRow(Stage.REQUEST, fault_effects.exception_with_count)
    WRITE_REFUSED = FaultRow(Stage.REQUEST, fault_effects.write_refused)
    WRITE_IGNORED = FaultRow(Stage.REQUEST, fault_effects.write_ignored)
    DROP_CONNECTION = FaultRow(Stage.REQUEST, fault_effects.drop_connection)
    RESET_CONNECTION = FaultRow(Stage.REQUEST, fault_effects.reset_connection)
    LOST_PACK_SILENT = FaultRow(Stage.REQUEST, fault_effects.lost_pack)
    LOST_PACK_ZEROS = FaultRow(Stage.RESPONSE, fault_effects.lost_pack_zeros)
    LOST_PACK_GHOST = FaultRow(Stage.RESPONSE, fault_effects.lost_pack_ghost)
    FROZEN_PACK = FaultRow(Stage.RESPONSE, fault_effects.frozen_pack)
    PATTERN_A = FaultRow(Stage.RESPONSE, fault_effects.pattern_a)
    PATTERN_B = FaultRow(Stage.RESPONSE, fault_effects.pattern_b)
    COHORT_PAGE = FaultRow(Stage.RESPONSE, fault_effects.cohort_page)
    SPLICE_SINGLE = FaultRow(Stage.RESPONSE, fault_effects.splice_single)
    CONSTANT_FLIP = FaultRow(Stage.RESPONSE, fault_effects.constant_flip)
    LOST_HIGH_WORD = FaultRow(Stage.RESPONSE, fault_effects.lost_high_word)
    COUNTER_STEP_BACK = FaultRow(Stage.RESPONSE, fault_effects.counter_step_back)
    COUNTER_JUMP = FaultRow(Stage.RESPONSE, fault_effects.counter_jump)
    WRONG_CRC = FaultRow(Stage.FRAME, fault_effects.wrong_crc)
    ZERO_TAIL = FaultRow(Stage.FRAME, fault_effects.zero_tail)
    NULL_RESPONSE = FaultRow(Stage.FRAME, fault_effects.null_response)
    UNKNOWN_FUNCTION = FaultRow(Stage.FRAME, fault_effects.unknown_function)
    OVERSIZE_LENGTH = FaultRow(Stage.FRAME, fault_effects.oversize_length)
    LATE_RESPONSE = FaultRow(Stage.FRAME, fault_effects.late_response)
    DUPLICATED_RESPONSE = FaultRow(Stage.FRAME, fault_effects.duplicated_response)
    FOREIGN_WRITE_ACK = FaultRow(Stage.FRAME, fault_effects.foreign_write_ack)
    TRUNCATED_FRAME = FaultRow(Stage.FRAME, fault_effects.truncated_frame)
    GARBAGE_BETWEEN = FaultRow(Stage.FRAME, fault_effects.garbage_between)
    STRAY_ZERO = FaultRow(Stage.FRAME, fault_effects.stray_zero)
    COALESCE = FaultRow(Stage.FRAME, fault_effects.coalesce)
    SPLIT_FRAMES = FaultRow(Stage.FRAME, fault_effects.split_frames)

    @property
    def description(self) -> str:
        """What it does, in a line."""
        return (self.value.apply.__doc__ or "").partition("\n")[0]

    @property
    def stage(self) -> Stage:
        """When it happens."""
        return self.value.stage

    @property
    def apply(self) -> Callable[[OutgoingResponse, Injection], bool]:
        """What does it, and returns whether there was anything to fault_effects."""
        return self.value.apply


class Faults:
    """The faults that are switched on."""

    def __init__(self, random: Random) -> None:
        """Start without any."""
        self._random = random
        self.active: list[tuple[Fault, Injection]] = []

    def inject(self, fault: Fault, injection: Injection) -> None:
        """Switch a fault on."""
        self.active.append((fault, injection))

    def clear(self, fault: Fault | None = None) -> None:
        """Switch a fault off, or all of them."""
        self.active = [it for it in self.active if fault is not None and it[0] is not fault]

    def apply(self, outgoing: OutgoingResponse, stage: Stage) -> None:
        """Let the faults of one stage have their way with an outgoing."""
        for entry in list(self.active):
            fault, injection = entry
            if fault.stage is not stage or not injection.matches(outgoing.request):
                continue
            if injection.probability < 1 and self._random.random() >= injection.probability:
                continue
            if fault.apply(outgoing, injection) and injection.count_use():
                self.active.remove(entry)
            if outgoing.replaced and stage is Stage.REQUEST:
                return
