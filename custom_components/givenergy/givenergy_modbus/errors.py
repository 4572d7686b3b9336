"""Errors that need no plant to describe; import them from ``exceptions``."""

from .write_report import WriteReport


class ExceptionBase(Exception):
    """Base of the errors this library raises."""

    def __init__(self, message: str) -> None:
        """Keep the message for callers that show it."""
        super().__init__(message)
        self.message = message


class InvalidPduState(ExceptionBase):
    """A message that is not allowed to be sent, or is invalid as received."""

    def __init__(self, message: str, pdu: object = None) -> None:
        """Keep the message object that was refused."""
        super().__init__(message)
        self.pdu = pdu


class WriteNotPermitted(InvalidPduState, ValueError):
    """A write that is not allowed; nothing was sent."""


class InvalidSetting(ValueError):
    """A value that a setting does not accept; no request was built."""

    def __init__(self, setting: str, value: object, allowed: str | None) -> None:
        """Keep setting, value and allowed values; None for a read-only field."""
        super().__init__(
            f"{setting} is read-only"
            if allowed is None
            else f"{setting} must be {allowed}, not {value!r}"
        )
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
    """No response arrived in time, retries included."""


class ConnectionLost(CommunicationError, TimeoutError):
    """The connection went away with something in flight."""


class ReadingRejected(CommunicationError):
    """A device responded with values that the guards reject."""


class WriteRefused(CommunicationError):
    """The device answered that it will not take this write."""


class WrongPlant(CommunicationError):
    """Another inverter answers at this address than the one that used to."""

    def __init__(self, expected: str, found: str) -> None:
        """Initialize with the serial number of the known inverter, and of the other one."""
        super().__init__(f"inverter {found} answers where {expected} used to")
        self.expected = expected
        self.found = found


class PlantNotDetected(CommunicationError):
    """A poll or a write was asked for before detection looked what is there."""
