"""The faults that can be injected, one row each.

A fault is injected for a number of responses, or until it is cleared, for all
devices or one, always or with a probability. It applies at one of three
stages: to the request, to the response, or to the frame.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from . import fault_effects
from .outgoing import Injection, OutgoingResponse


class Stage(Enum):
    """When a fault applies."""

    REQUEST = auto()
    """Before the device sees the request."""
    RESPONSE = auto()
    """After the device has responded; its words may change."""
    FRAME = auto()
    """Before the bytes are sent."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """The stage and the effect of a fault."""

    stage: Stage
    apply: Callable[[OutgoingResponse, Injection], bool]


class Fault(Enum):
    """A fault that can be injected."""

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
        """What it does, in one line."""
        return (self.value.apply.__doc__ or "").partition("\n")[0]

    @property
    def stage(self) -> Stage:
        """When it applies."""
        return self.value.stage

    @property
    def apply(self) -> Callable[[OutgoingResponse, Injection], bool]:
        """The function that applies it, which returns whether it did."""
        return self.value.apply


class Faults:
    """The injected faults."""

    def __init__(self, random: Random) -> None:
        """Start without faults."""
        self._random = random
        self.active: list[tuple[Fault, Injection]] = []

    def inject(self, fault: Fault, injection: Injection) -> None:
        """Inject a fault."""
        self.active.append((fault, injection))

    def clear(self, fault: Fault | None = None) -> None:
        """Clear a fault, or all of them."""
        self.active = [
            entry for entry in self.active if fault is not None and entry[0] is not fault
        ]

    def apply(self, outgoing: OutgoingResponse, stage: Stage) -> None:
        """Apply the faults of one stage to a response."""
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
