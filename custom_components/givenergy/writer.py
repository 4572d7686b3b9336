"""From a wish in Home Assistant to a setting in the inverter, with nothing lost on the way."""

from asyncio import Lock, shield
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import CONF_READ_ONLY, DOMAIN
from .coordinator import GivEnergyCoordinator
from .errors import translated_errors
from .givenergy_modbus.exceptions import CommunicationError
from .givenergy_modbus.model.allowlist import command_class
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.plan import INVERTER_ADDRESS
from .givenergy_modbus.model.register import HR, Register
from .givenergy_modbus.model.register_model import Requests
from .givenergy_modbus.write_report import Clamped, WriteReport
from .setting_names import SettingNames

type Deliver = Callable[[Requests], Awaitable[WriteReport]]


class Writer:
    """Sends commands to one plant: checked, in order, verified, counted."""

    def __init__(self, entry: ConfigEntry, coordinator: GivEnergyCoordinator) -> None:
        """Initialize for one entry."""
        self._entry = entry
        self._coordinator = coordinator
        self._lock = Lock()
        self._ours: dict[int, int] = {}

    @property
    def names(self) -> SettingNames:
        """The names of the plant's settings, in Home Assistant's language."""
        capabilities = self._coordinator.plant.capabilities
        device = None if capabilities is None else command_class(capabilities)
        return SettingNames(self._coordinator.hass, device or SinglePhaseInverter)

    async def send[**P](
        self, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
    ) -> WriteReport:
        """Build a command when its turn comes, and send what of it would change anything.

        Raises ServiceValidationError for what cannot be, with nothing sent, and
        HomeAssistantError for what the inverter did not take. To stop waiting does
        not stop a command half-way.
        """
        self.raise_if_read_only()

        async def take_turn() -> WriteReport:
            async with self._lock:
                with translated_errors(self.names):
                    requests = command(*args, **kwargs)
                with translated_errors(self.names, requests):
                    return await self._deliver(requests)

        report = await shield(self._entry.async_create_task(self._coordinator.hass, take_turn()))
        self.raise_for_clamped(report)
        return report

    def raise_if_read_only(self) -> None:
        """Raise ServiceValidationError in read-only mode."""
        if self._entry.options.get(CONF_READ_ONLY, False):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="read_only")

    def raise_for_clamped(self, report: WriteReport) -> None:
        """Raise HomeAssistantError if the inverter has made other values of some."""
        if report.clamped:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="write_clamped",
                translation_placeholders=self._told(report.clamped),
            )

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[Deliver]:
        """Keep every other command out, and give a function that sends requests as ``send`` does.

        It raises the library's errors; read-only mode and clamped values are for the
        caller to look at.
        """
        async with self._lock:
            yield self._deliver

    async def _deliver(self, requests: Requests) -> WriteReport:
        self._ours |= {request.register: request.value for request in requests}
        try:
            report = await self._coordinator.client.one_shot_command(
                requests, only_changes=True, verify=True
            )
        except CommunicationError as err:
            self._account_for(requests, err.report or WriteReport())
            raise
        self._account_for(requests, report)
        return report

    def _account_for(self, requests: Requests, report: WriteReport) -> None:
        """Count what was really written, and let the entities show what the inverter reports."""
        if report.written:
            self._coordinator.store.count_writes(len(report.written))
        settled = [*report.written, *report.skipped, *report.refused]
        # Whether the first request without a result was applied is not known.
        unknown = [
            request.register
            for request in requests
            if (request.register, request.value) not in settled
        ]
        unchanged = [setting.register for setting in (*report.skipped, *report.refused)]
        for register in (*unchanged, *unknown[1:]):
            self._ours.pop(register, None)
        self._ours |= {clamp.register: clamp.reported for clamp in report.clamped}
        self._coordinator.async_update_listeners()

    def consume_own_write(self, register: Register, word: int) -> bool:
        """Whether a change that has just been seen is one of ours; each is so only once."""
        return self._ours.pop(register.address, None) == word

    def _told(self, clamped: Iterable[Clamped]) -> dict[str, str]:
        """Return which settings came out otherwise, what was asked, and what is reported."""
        names = self.names
        cache = self._coordinator.plant.register_caches[INVERTER_ADDRESS]
        wanted = {HR(clamp.register): clamp.value for clamp in clamped}
        asked = {**cache, **wanted}
        fields = names.fields_at(register.address for register in wanted)
        return {
            "setting": ", ".join(names.name(field.name) for field in fields),
            "asked": ", ".join(names.value(field, field.read(asked)) for field in fields),
            "reported": ", ".join(names.value(field, field.read(cache)) for field in fields),
        }
