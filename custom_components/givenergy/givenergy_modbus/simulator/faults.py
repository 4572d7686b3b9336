"""Everything that goes wrong between a plant and its client, one row each, by name.

A fault is switched on for a number of answers, or until it is cleared, for every
device or for one, always or with some probability. It strikes at one of three
stages: before the device is asked, once it has answered, or when the answer leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from . import spoil
from .answer import Answer, Injection


class Stage(Enum):
    """When a fault strikes."""

    ASKED = auto()
    """The device has not been asked yet, and may never be."""
    ANSWERED = auto()
    """The device has answered; its words may change."""
    SENT = auto()
    """The answer is bytes about to leave."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One thing that goes wrong."""

    stage: Stage
    strike: Callable[[Answer, Injection], bool]


class Fault(Enum):
    """What can be made to go wrong."""

    SILENT = FaultRow(Stage.ASKED, spoil.no_answer)
    SILENT_WINDOW = FaultRow(Stage.ASKED, spoil.silent_window)
    EXCEPTION_COUNT_0 = FaultRow(Stage.ASKED, spoil.exception_without_count)
    EXCEPTION_COUNT_ECHOED = FaultRow(Stage.ASKED, spoil.exception_with_count)
    WRITE_REFUSED = FaultRow(Stage.ASKED, spoil.write_refused)
    WRITE_IGNORED = FaultRow(Stage.ASKED, spoil.write_ignored)
    DROP_CONNECTION = FaultRow(Stage.ASKED, spoil.drop_connection)
    RESET_CONNECTION = FaultRow(Stage.ASKED, spoil.reset_connection)
    LOST_PACK_SILENT = FaultRow(Stage.ASKED, spoil.lost_pack)
    LOST_PACK_ZEROS = FaultRow(Stage.ANSWERED, spoil.lost_pack_zeros)
    LOST_PACK_GHOST = FaultRow(Stage.ANSWERED, spoil.lost_pack_ghost)
    FROZEN_PACK = FaultRow(Stage.ANSWERED, spoil.frozen_pack)
    PATTERN_A = FaultRow(Stage.ANSWERED, spoil.pattern_a)
    PATTERN_B = FaultRow(Stage.ANSWERED, spoil.pattern_b)
    COHORT_PAGE = FaultRow(Stage.ANSWERED, spoil.cohort_page)
    SPLICE_SINGLE = FaultRow(Stage.ANSWERED, spoil.splice_single)
    CONSTANT_FLIP = FaultRow(Stage.ANSWERED, spoil.constant_flip)
    LOST_HIGH_WORD = FaultRow(Stage.ANSWERED, spoil.lost_high_word)
    COUNTER_STEP_BACK = FaultRow(Stage.ANSWERED, spoil.counter_step_back)
    COUNTER_JUMP = FaultRow(Stage.ANSWERED, spoil.counter_jump)
    WRONG_CRC = FaultRow(Stage.SENT, spoil.wrong_crc)
    ZERO_TAIL = FaultRow(Stage.SENT, spoil.zero_tail)
    NULL_RESPONSE = FaultRow(Stage.SENT, spoil.null_response)
    UNKNOWN_FUNCTION = FaultRow(Stage.SENT, spoil.unknown_function)
    OVERSIZE_LENGTH = FaultRow(Stage.SENT, spoil.oversize_length)
    LATE_ANSWER = FaultRow(Stage.SENT, spoil.late_answer)
    DUPLICATED_ANSWER = FaultRow(Stage.SENT, spoil.duplicated_answer)
    FOREIGN_WRITE_ACK = FaultRow(Stage.SENT, spoil.foreign_write_ack)
    TRUNCATED_FRAME = FaultRow(Stage.SENT, spoil.truncated_frame)
    GARBAGE_BETWEEN = FaultRow(Stage.SENT, spoil.garbage_between)
    STRAY_ZERO = FaultRow(Stage.SENT, spoil.stray_zero)
    COALESCE = FaultRow(Stage.SENT, spoil.coalesce)
    SPLIT_FRAMES = FaultRow(Stage.SENT, spoil.split_frames)

    @property
    def description(self) -> str:
        """What it does, in a line."""
        return (self.value.strike.__doc__ or "").partition("\n")[0]

    @property
    def stage(self) -> Stage:
        """When it happens."""
        return self.value.stage

    @property
    def strike(self) -> Callable[[Answer, Injection], bool]:
        """What does it, and returns whether there was anything to spoil."""
        return self.value.strike


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

    def strike(self, answer: Answer, stage: Stage) -> None:
        """Let the faults of one stage have their way with an answer."""
        for entry in list(self.active):
            fault, injection = entry
            if fault.stage is not stage or not injection.concerns(answer.request):
                continue
            if injection.probability < 1 and self._random.random() >= injection.probability:
                continue
            if fault.strike(answer, injection) and injection.spent():
                self.active.remove(entry)
            if answer.settled and stage is Stage.ASKED:
                return
