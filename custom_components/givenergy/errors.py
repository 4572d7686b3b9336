"""Translate the library's errors into those Home Assistant shows."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN, LOGGER
from .givenergy_modbus.client.findings import FindingCode, connection_failure
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ExceptionBase,
    InvalidSetting,
    WriteNotPermitted,
    WriteRefused,
)
from .givenergy_modbus.model.register_model import Requests
from .givenergy_modbus.pdu import WriteHoldingRegisterRequest
from .setting_names import SettingNames


@contextmanager
def translated_errors(names: SettingNames, requests: Requests | None = None) -> Iterator[None]:
    """Translate errors raised inside, naming the settings the requests write."""
    try:
        yield
    except WriteNotPermitted as err:
        LOGGER.debug("Write not permitted: %s", err)
        raise _not_permitted(err, names) from err
    except InvalidSetting as err:
        LOGGER.debug("Invalid setting: %s", err)
        raise _invalid(names, err.setting, err.value) from err
    except ValueError as err:
        LOGGER.debug("Command not supported: %s", err)
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="not_supported"
        ) from err
    except ExceptionBase as err:
        LOGGER.debug("Command failed: %s", err)
        raise _failure(err, names, requests or []) from err


def _invalid(names: SettingNames, setting: str, value: object) -> ServiceValidationError:
    limits = names.limits(setting)
    if limits is None:
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="invalid_setting",
            translation_placeholders={"setting": names.name(setting), "value": str(value)},
        )
    low, high = limits
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="out_of_range",
        translation_placeholders={
            "setting": names.name(setting),
            "low": f"{low:g}",
            "high": f"{high:g}",
            "value": str(value),
        },
    )


def _not_permitted(err: WriteNotPermitted, names: SettingNames) -> ServiceValidationError:
    if isinstance(err.pdu, WriteHoldingRegisterRequest):
        setting = names.names_at([err.pdu.register])
        if setting:
            return ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="setting_not_supported",
                translation_placeholders={"setting": setting},
            )
    return ServiceValidationError(translation_domain=DOMAIN, translation_key="not_supported")


def _failure(err: ExceptionBase, names: SettingNames, requests: Requests) -> HomeAssistantError:
    """Return the error for a failed command, with the settings it had already applied."""
    report = err.report if isinstance(err, CommunicationError) else None
    if report is None or not requests:
        return no_response()
    written = [write.register for write in report.written]
    done = {*written, *(write.register for write in report.skipped)}
    failed = [request.register for request in requests if request.register not in done]
    placeholders: dict[str, str] = {}
    if isinstance(err, WriteRefused):
        key = "write_refused"
    elif connection_failure(err) is not FindingCode.CANNOT_CONNECT:
        key = "write_not_sent"
    else:
        key = "write_unconfirmed"
    if key != "write_not_sent":
        placeholders["setting"] = names.names_at(failed[:1] or written)
    if written and failed:
        key += "_partly"
        placeholders["applied"] = names.names_at(written)
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def no_response() -> HomeAssistantError:
    """Return the error for a system that does not respond."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="no_answer")
