"""What a poll asked for and missed."""

from collections.abc import Iterable
from dataclasses import dataclass

from .givenergy_modbus.exceptions import ReadFailure
from .givenergy_modbus.model.plan import Read


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll asked for and missed, and how long it took."""

    asked: frozenset[Read]
    missed: frozenset[Read]
    refused: frozenset[Read]
    """Missed blocks that were answered with something not to be believed."""
    failed: bool
    """Whether nothing that was asked for came."""
    seconds: float


def failed_reads(failures: Iterable[ReadFailure], plan: Iterable[Read]) -> frozenset[Read]:
    """Return the reads of a plan that the library reports as failed."""
    spots = {
        (failure.device_address, failure.request_type, failure.base_register)
        for failure in failures
    }
    return frozenset(
        read
        for read in plan
        if (read.device_address, read.block.request_type, read.block.start) in spots
    )
