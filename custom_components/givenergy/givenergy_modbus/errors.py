"""Errors that need no plant to describe; import them from ``exceptions``."""

from .write_report import WriteReport


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
    """No response arrived in time, retries included."""


class ConnectionLost(CommunicationError, TimeoutError):
    """The connection went away with something in flight."""


class ReadingRejected(CommunicationError):
    """A device responded with values that the guards reject."""


class WriteRefused(CommunicationError):
    """The device answered that it will not take this write."""


class WrongPlant(CommunicationError):
    """Another inverter answers at this address than the one that used to."""


class PlantNotDetected(CommunicationError):
    """A poll or a write was asked for before detection looked what is there."""
