"""From a wish in Home Assistant to a setting in the inverter, with nothing lost on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import CONF_READ_ONLY, DOMAIN
from .coordinator import GivEnergyConfigEntry, GivEnergyCoordinator
from .givenergy_modbus.client.writing import WriteReport
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ExceptionBase,
    InvalidSetting,
    WriteRefused,
)
from .givenergy_modbus.model.base import Requests


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the library raises into what Home Assistant shows."""
    try:
        yield
    except InvalidSetting as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="invalid_setting",
            translation_placeholders={
                "setting": err.setting,
                "value": str(err.value),
                "allowed": err.allowed,
            },
        ) from err
    except ValueError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_permitted",
            translation_placeholders={"error": str(err)},
        ) from err
    except WriteRefused as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="write_refused",
            translation_placeholders={"error": str(err)},
        ) from err
    except (CommunicationError, ExceptionBase) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="communication_error",
            translation_placeholders={"error": str(err)},
        ) from err


class Writer:
    """Sends commands to one plant: checked, in order, verified, counted."""

    def __init__(self, entry: GivEnergyConfigEntry, coordinator: GivEnergyCoordinator) -> None:
        """Remember which plant, and whether it may be written at all."""
        self._entry = entry
        self._coordinator = coordinator

    async def send[**P](
        self, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
    ) -> WriteReport:
        """Build a command and send what of it would change anything.

        Raises ServiceValidationError for a value that cannot be, with nothing
        sent, and HomeAssistantError for what the inverter did not take.
        """
        if self._entry.options.get(CONF_READ_ONLY, False):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="read_only")
        report: WriteReport | None = None
        try:
            with translated_errors():
                try:
                    report = await self._coordinator.client.one_shot_command(
                        command(*args, **kwargs), only_changes=True, verify=True
                    )
                except ExceptionBase as err:
                    report = getattr(err, "report", None)
                    raise
        finally:
            self._account_for(report)
        if report.clamped:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="write_clamped",
                translation_placeholders={
                    "asked": ", ".join(str(it.value) for it in report.clamped),
                    "reported": ", ".join(str(it.reported) for it in report.clamped),
                },
            )
        return report

    def _account_for(self, report: WriteReport | None) -> None:
        """Count what was really written, and let the entities show what the inverter reports."""
        if report is not None and report.written:
            self._coordinator.store.count_writes(len(report.written))
        self._coordinator.async_update_listeners()
