"""Redaction of what the integration logs."""

from logging import LogRecord

from .givenergy_modbus.client.text_redaction import redact_any_text


def redact_errors(record: LogRecord) -> LogRecord:
    """Return a record whose errors name no serial number and no network address."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            redact_any_text(str(arg)) if isinstance(arg, Exception) else arg for arg in record.args
        )
    return record
