"""From a wish in Home Assistant to a setting in the inverter, with nothing lost on the way."""

from asyncio import Lock, shield
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import CONF_READ_ONLY, DOMAIN
from .coordinator import GivEnergyConfigEntry, GivEnergyCoordinator
from .givenergy_modbus.client.writing import Clamped, WriteReport
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ExceptionBase,
    InvalidSetting,
    WriteRefused,
)
from .givenergy_modbus.model import TimeSlot
from .givenergy_modbus.model.allowlist import writable_registers
from .givenergy_modbus.model.plan import INVERTER_ADDRESS
from .givenergy_modbus.model.register import HR, Register
from .givenergy_modbus.model.register_model import Requests


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
                "setting": err.setting.replace("_", " "),
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
    except ExceptionBase as err:
        raise _failure(err) from err


def _failure(err: ExceptionBase) -> HomeAssistantError:
    """Return what is shown of a failed command, with what it had done until then."""
    key = "write_refused" if isinstance(err, WriteRefused) else "communication_error"
    placeholders = {"error": str(err)}
    report = err.report if isinstance(err, CommunicationError) else None
    if report is not None and report.written:
        key += "_half_way"
        placeholders["written"] = ", ".join(f"HR{it.register}={it.value}" for it in report.written)
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def plain(value: Any) -> Any:
    """Return a setting's value as events and messages can carry it."""
    if isinstance(value, TimeSlot):
        return f"{value.start:%H:%M}-{value.end:%H:%M}"
    if isinstance(value, Enum):
        return value.name.lower()
    return value if value is None or isinstance(value, int | float) else str(value)


class Writer:
    """Sends commands to one plant: checked, in order, verified, counted."""

    def __init__(self, entry: GivEnergyConfigEntry, coordinator: GivEnergyCoordinator) -> None:
        """Remember which plant."""
        self._entry = entry
        self._coordinator = coordinator
        self._turn = Lock()
        self._ours: dict[int, int] = {}

    async def send[**P](
        self, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
    ) -> WriteReport:
        """Build a command when its turn comes, and send what of it would change anything.

        Raises ServiceValidationError for what cannot be, with nothing sent, and
        HomeAssistantError for what the inverter did not take. To stop waiting does
        not stop a command half-way.
        """
        if self._entry.options.get(CONF_READ_ONLY, False):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="read_only")

        async def take_turn() -> WriteReport:
            async with self._turn:
                with translated_errors():
                    return await self._deliver(command(*args, **kwargs))

        report = await shield(self._entry.async_create_task(self._coordinator.hass, take_turn()))
        if report.clamped:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="write_clamped",
                translation_placeholders=self._told(report.clamped),
            )
        return report

    async def _deliver(self, requests: Requests) -> WriteReport:
        self._ours |= {it.register: it.value for it in requests}
        try:
            report = await self._coordinator.client.one_shot_command(
                requests, only_changes=True, verify=True
            )
        except CommunicationError as err:
            self._account_for(err.report or WriteReport())
            raise
        self._account_for(report)
        return report

    def _account_for(self, report: WriteReport) -> None:
        """Count what was really written, and let the entities show what the inverter reports."""
        if report.written:
            self._coordinator.store.count_writes(len(report.written))
        self._ours |= {it.register: it.reported for it in report.clamped}
        self._coordinator.async_update_listeners()

    def was_ours(self, register: Register, word: int) -> bool:
        """Whether a change that has just been seen is one of ours; each is so only once."""
        return self._ours.pop(register.address, None) == word

    def _told(self, clamped: Iterable[Clamped]) -> dict[str, str]:
        """Return which settings came out otherwise, what was asked, and what is reported."""
        plant = self._coordinator.plant
        assert plant.capabilities is not None
        surface = writable_registers(plant.capabilities)
        cache = plant.register_caches[INVERTER_ADDRESS]
        asked = {**cache, **{HR(it.register): it.value for it in clamped}}
        fields = {surface[it.register].name: surface[it.register] for it in clamped}.values()
        return {
            "setting": ", ".join(it.name.replace("_", " ") for it in fields),
            "asked": ", ".join(str(plain(it.read(asked))) for it in fields),
            "reported": ", ".join(str(plain(it.read(cache))) for it in fields),
        }
