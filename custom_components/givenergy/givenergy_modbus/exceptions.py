"""What can go wrong, as a caller would want to catch it."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .client.writing import WriteReport
    from .model.capabilities import PlantCapabilities
    from .model.plant import Plant


class ExceptionBase(Exception):
    """Anything this library raises on its own account."""

    def __init__(self, message: str) -> None:
        """Keep the message for callers that show it."""
        super().__init__(message)
        self.message = message


class InvalidPduState(ExceptionBase):
    """A message that must not be sent, or makes no sense as received."""

    def __init__(self, message: str, pdu: object = None) -> None:
        """Keep the message object that was refused."""
        super().__init__(message)
        self.pdu = pdu


class WriteNotPermitted(InvalidPduState, ValueError):
    """We refuse to send this write; nothing has left for the inverter."""


class InvalidSetting(ValueError):
    """A setting was asked to take a value it cannot have; nothing was built."""

    def __init__(self, setting: str, value: object, allowed: str) -> None:
        """Keep what was asked of which setting, and what would have been accepted."""
        super().__init__(f"{setting} must be {allowed}, not {value!r}")
        self.setting = setting
        self.value = value
        self.allowed = allowed


class InvalidFrame(ExceptionBase):
    """Bytes that are not a message."""

    def __init__(self, message: str, frame: bytes = b"") -> None:
        """Keep the offending bytes."""
        super().__init__(message)
        self.frame = frame


class CommunicationError(ExceptionBase):
    """The link, or the device at the far end of it, did not do its part."""

    report: WriteReport | None = None
    """What a command had done before this stopped it."""


class ResponseTimeout(CommunicationError, TimeoutError):
    """Nobody answered in time, however often the question was put."""


class ConnectionLost(CommunicationError, TimeoutError):
    """The connection went away with something in flight."""


class ReadingRejected(CommunicationError):
    """A device answered, and what it said is not to be believed."""


class WriteRefused(CommunicationError):
    """The device answered that it will not take this write."""


class WrongPlant(CommunicationError):
    """Another inverter answers at this address than the one that used to."""


class PlantNotDetected(CommunicationError):
    """A poll or a write was asked for before detection looked what is there."""


class PlantTopologyMismatch(CommunicationError):
    """Hinted detection found another plant than the one it was told of."""

    def __init__(self, message: str, prior: PlantCapabilities, actual: PlantCapabilities) -> None:
        """Keep both layouts, so that a loss and a gain can be told apart."""
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
    """A poll that did not bring everything it asked for."""

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
