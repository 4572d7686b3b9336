"""Every exception of the library, as a caller would want to catch it."""

from typing import NamedTuple

from .errors import (
    CommunicationError,
    ConnectionLost,
    ExceptionBase,
    InvalidFrame,
    InvalidPduState,
    InvalidSetting,
    PlantNotDetected,
    ReadingRejected,
    ResponseTimeout,
    WriteNotPermitted,
    WriteRefused,
    WrongPlant,
)
from .model.capabilities import PlantCapabilities
from .model.plant import Plant

__all__ = [
    "CommunicationError",
    "ConnectionLost",
    "ExceptionBase",
    "InvalidFrame",
    "InvalidPduState",
    "InvalidSetting",
    "PlantNotDetected",
    "PlantTopologyMismatch",
    "ReadFailure",
    "ReadingRejected",
    "RefreshError",
    "RefreshFailed",
    "RefreshPartiallySucceeded",
    "ResponseTimeout",
    "WriteNotPermitted",
    "WriteRefused",
    "WrongPlant",
]


class PlantTopologyMismatch(CommunicationError):
    """Hinted detection found a topology other than the expected one."""

    def __init__(self, message: str, prior: PlantCapabilities, actual: PlantCapabilities) -> None:
        """Keep both topologies, so that a loss can be distinguished from a gain."""
        super().__init__(message)
        self.prior = prior
        self.actual = actual


class ReadFailure(NamedTuple):
    """One read that came back empty-handed."""

    device_address: int
    request_type: str
    base_register: int
    register_count: int


class RefreshError(CommunicationError):
    """A poll in which some or all reads failed."""

    def __init__(
        self,
        message: str,
        failures: list[ReadFailure],
        cause: ExceptionGroup[Exception],
    ) -> None:
        """Keep what was missed, and why."""
        super().__init__(message)
        self.failures = failures
        self.cause = cause


class RefreshPartiallySucceeded(RefreshError):
    """Some reads answered; their values are on ``plant``."""

    def __init__(
        self,
        message: str,
        plant: Plant,
        failures: list[ReadFailure],
        cause: ExceptionGroup[Exception],
    ) -> None:
        """Keep the plant as far as it was refreshed."""
        super().__init__(message, failures, cause)
        self.plant = plant


class RefreshFailed(RefreshError):
    """Nothing answered; there is no partial data."""
