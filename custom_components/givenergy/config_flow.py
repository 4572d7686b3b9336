"""Adding a GivEnergy plant, moving it to another address, and its options."""

from asyncio import Task
from dataclasses import dataclass
from typing import Any, override

import voluptuous as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, CONF_SCAN_INTERVAL
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from .check import CheckFlow, async_at_least
from .const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_CHECK,
    CONF_HOUSE,
    CONF_IDENTITIES,
    CONF_MISSED_POLLS,
    CONF_PASSIVE,
    CONF_READ_ONLY,
    DEFAULT_INTERVAL,
    DEFAULT_MISSED_POLLS,
    DEFAULT_PORT,
    DOMAIN,
    ENTRY_VERSION,
    LOGGER,
    MAX_INTERVAL,
    MAX_MISSED_POLLS,
    MIN_INTERVAL,
)
from .devices import plant_devices_of, product_name
from .discovery import async_has_moved, async_serial_at, responds
from .energy import EnergyOptionsFlow
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.findings import connection_failure
from .givenergy_modbus.exceptions import CommunicationError, ConnectionLost
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DeviceKind
from .givenergy_modbus.model.models import row_of
from .givenergy_modbus.model.plant import Plant
from .house import has_several, house_owner
from .identities import Identities, identify, root_of, stored_identities
from .runtime import GivEnergyConfigEntry, client_for
from .store import async_forget_inverter
from .system_names import async_is_taken, async_propose_name
from .takeover.flow import TakeoverConfigFlow, TakeoverOptionsFlow
from .texts import async_model_text
from .topology import identities_of_others


def _whole_number(low: int, high: int, unit: str | None = None) -> vol.All:
    box = NumberSelectorConfig(min=low, max=high, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        box["unit_of_measurement"] = unit
    return vol.All(NumberSelector(box), vol.Coerce(int))


ADDRESS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT, default=DEFAULT_PORT): _whole_number(1, 65535),
    }
)
OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_SCAN_INTERVAL, default=DEFAULT_INTERVAL): _whole_number(
            MIN_INTERVAL, MAX_INTERVAL, "s"
        ),
        vol.Required(CONF_MISSED_POLLS, default=DEFAULT_MISSED_POLLS): _whole_number(
            1, MAX_MISSED_POLLS
        ),
        vol.Required(CONF_READ_ONLY, default=False): BooleanSelector(),
        vol.Required(CONF_PASSIVE, default=False): BooleanSelector(),
    }
)


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """What answers at an address."""

    serial: str
    product: str
    model: str
    capabilities: PlantCapabilities
    identities: Identities
    plant: Plant

    def count(self, *kinds: DeviceKind) -> int:
        """Return how many devices of some kinds there are."""
        return sum(len(self.capabilities.addresses(kind)) for kind in kinds)

    @property
    def batteries(self) -> int:
        """How many packs or modules there are; all-in-one modules answer as both."""
        return self.count(DeviceKind.LV_BATTERY) + max(
            self.count(DeviceKind.AIO_MODULE), self.count(DeviceKind.HV_MODULE)
        )


class DetectionFailed(Exception):
    """Nothing usable answers at an address; the argument is the error's translation key."""


class GivEnergyConfigFlow(CheckFlow, TakeoverConfigFlow, domain=DOMAIN):
    """Ask for an address, detect the devices and show them before anything is stored."""

    VERSION = ENTRY_VERSION

    def __init__(self) -> None:
        """Start with nothing searched."""
        super().__init__()
        self._address: dict[str, Any] = {}
        self._search: Task[DetectionResult] | None = None
        self._found: DetectionResult | None = None
        self._errors: dict[str, str] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: GivEnergyConfigEntry) -> GivEnergyOptionsFlow:
        """Return the flow for a plant's options."""
        return GivEnergyOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the plant is."""
        return await self._async_ask("user", self._address, user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the plant is now."""
        known = self._address or dict(self._get_reconfigure_entry().data)
        return await self._async_ask("reconfigure", known, user_input)

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Look whether the module that just joined the network sits in a plant's adapter.

        Other makers use the same module, so the plant itself is asked.
        """
        host = discovery_info.ip
        entries = self._async_current_entries(include_ignore=False)
        if any(entry.data[CONF_HOST] == host and responds(entry) for entry in entries):
            return self.async_abort(reason="already_configured")
        away = (entry.data[CONF_PORT] for entry in entries if not responds(entry))
        for port in dict.fromkeys((DEFAULT_PORT, *away)):
            serial = await async_serial_at(self.hass, host, port)
            if serial is not None:
                break
        else:
            return self.async_abort(reason="not_givenergy")
        self._address = {CONF_HOST: host, CONF_PORT: port}
        entry = await self.async_set_unique_id(serial)
        moved = entry is not None and await async_has_moved(self.hass, entry, host, port)
        self._abort_if_unique_id_configured(updates={CONF_HOST: host} if moved else None)
        self.context["title_placeholders"] = {"name": discovery_info.ip}
        return await self.async_step_discovered()

    async def async_step_discovered(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether a discovered plant is wanted."""
        if user_input is not None:
            return await self.async_step_detect()
        self._set_confirm_only()
        return self.async_show_form(
            step_id="discovered", description_placeholders={"host": self._address[CONF_HOST]}
        )

    @property
    def _asking(self) -> str:
        return "reconfigure" if self.source == SOURCE_RECONFIGURE else "user"

    async def _async_ask(
        self, step_id: str, known: dict[str, Any], user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            self._address = {
                CONF_HOST: user_input[CONF_HOST].strip().lower(),
                CONF_PORT: user_input[CONF_PORT],
            }
            if self.source != SOURCE_RECONFIGURE:
                self._async_abort_entries_match(self._address)
            is_check = user_input.get(CONF_CHECK, False)
            return await (self.async_step_check() if is_check else self.async_step_detect())
        errors, self._errors = self._errors, {}
        schema = ADDRESS_SCHEMA
        if errors:
            schema = schema.extend({vol.Required(CONF_CHECK, default=False): BooleanSelector()})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, known),
            errors=errors,
        )

    @override
    def check_address(self) -> tuple[str, int]:
        """Return the address that was entered."""
        return self._address[CONF_HOST], self._address[CONF_PORT]

    @override
    async def async_after_check(self) -> ConfigFlowResult:
        """Ask for the address again."""
        return await self._async_ask(self._asking, self._address, None)

    async def async_step_detect(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show progress while the plant is being looked at, which can take a minute."""
        if self._search is None:
            self._search = self.hass.async_create_task(self._async_search())
        if not self._search.done():
            return self.async_show_progress(
                step_id="detect",
                progress_action="detect",
                description_placeholders={"host": self._address[CONF_HOST]},
                progress_task=self._search,
            )
        search, self._search = self._search, None
        try:
            self._found = search.result()
        except DetectionFailed as err:
            self._errors = {"base": str(err)}
            return self.async_show_progress_done(next_step_id=self._asking)
        return self.async_show_progress_done(next_step_id="found")

    async def _async_search(self) -> DetectionResult:
        """Connect and detect; raises DetectionFailed with the key of what went wrong."""
        client = client_for(self.hass, self._address[CONF_HOST], self._address[CONF_PORT])
        try:
            async with async_at_least(self.hass):
                return await self._async_look(client)
        except DetectionFailed:
            raise
        except Exception as err:
            LOGGER.exception("Unexpected error while looking for a plant")
            raise DetectionFailed("unknown") from err
        finally:
            await client.close()

    async def _async_look(self, client: Client) -> DetectionResult:
        try:
            await client.connect()
        except CommunicationError as err:
            raise DetectionFailed(connection_failure(err)) from err
        try:
            capabilities = await client.detect(defer_optional=True, progress=self._show_progress)
        except ConnectionLost as err:
            raise DetectionFailed("cannot_connect") from err
        except CommunicationError as err:
            raise DetectionFailed(
                "nothing_detected" if client.answered else "not_givenergy"
            ) from err
        identities = identify(client.plant, {}, identities_of_others(self.hass, None))
        if self.source != SOURCE_RECONFIGURE:
            await self.async_survey(client, capabilities, identities)
        return DetectionResult(
            serial=client.plant.inverter_serial,
            product=await async_model_text(self.hass, product_name(client.plant)),
            model=await async_model_text(self.hass, row_of(capabilities.device_type).name),
            capabilities=capabilities,
            identities=identities,
            plant=client.plant,
        )

    @callback
    def _show_progress(self, done: int, expected: int) -> None:
        self.async_update_progress(min(1.0, done / max(1, expected)))

    async def async_step_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what was found, and add it once confirmed."""
        found = self._found
        assert found is not None
        await self.async_set_unique_id(found.serial)
        stored = {
            CONF_CAPABILITIES: found.capabilities.to_dict(),
            CONF_IDENTITIES: found.identities,
        }
        if self.source == SOURCE_RECONFIGURE:
            if found.serial != self._get_reconfigure_entry().unique_id:
                return await self.async_step_replace()
            return self.async_update_reload_and_abort(
                self._get_reconfigure_entry(), data_updates=self._address
            )
        self._abort_if_unique_id_configured(updates=self._address)
        errors: dict[str, str] = {}
        plant_devices = plant_devices_of(found.capabilities, found.identities)
        if user_input is not None:
            name = user_input[CONF_NAME].strip()
            if name and not await async_is_taken(self.hass, name, found.plant, plant_devices):
                options = {CONF_HOUSE: True} if user_input.get(CONF_HOUSE, False) else {}
                return await self.async_create_or_ask(
                    name, {CONF_NAME: name, **self._address, **stored}, options
                )
            errors[CONF_NAME] = "name_taken"
        proposed = await async_propose_name(self.hass, found.model, found.plant, plant_devices)
        named = vol.Required(CONF_NAME, default=proposed)
        fields: dict[vol.Marker, Any] = {named: TextSelector()}
        if self._async_current_entries(include_ignore=False) and house_owner(self.hass) is None:
            fields[vol.Required(CONF_HOUSE, default=False)] = BooleanSelector()
        return self.async_show_form(
            step_id="found",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), user_input),
            errors=errors,
            description_placeholders={
                "product": found.product,
                "serial": found.serial,
                "batteries": str(found.batteries),
                "meters": str(found.count(DeviceKind.METER)),
            },
        )

    async def async_step_replace(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether a new inverter or controller has replaced the entry's; keep its history."""
        found, entry = self._found, self._get_reconfigure_entry()
        assert found is not None
        self._abort_if_unique_id_configured()
        stored = stored_identities(entry.data.get(CONF_IDENTITIES))
        identities = identify(found.plant, stored, identities_of_others(self.hass, entry))
        root, before = root_of(identities), root_of(stored)
        if root is None or before != root or identities[root]["kind"] != stored[root]["kind"]:
            serial = {"serial": found.serial}
            return self.async_abort(reason="wrong_plant", description_placeholders=serial)
        if user_input is None:
            return self.async_show_form(
                step_id="replace",
                description_placeholders={
                    "product": found.product,
                    "serial": found.serial,
                    "old_serial": str(entry.unique_id),
                },
            )
        identities[root] = {**identities[root], "serial": found.serial}
        # Unloading saves what is remembered; only then can some of it be forgotten.
        await self.hass.config_entries.async_unload(entry.entry_id)
        await async_forget_inverter(self.hass, entry.entry_id, root)
        return self.async_update_reload_and_abort(
            entry,
            unique_id=found.serial,
            data_updates={
                **self._address,
                CONF_BLOCKS_PROBED: False,
                CONF_CAPABILITIES: found.capabilities.to_dict(),
                CONF_IDENTITIES: identities,
            },
        )


class GivEnergyOptionsFlow(CheckFlow, EnergyOptionsFlow, TakeoverOptionsFlow):
    """How often a plant is asked, how patient its entities are, whether it is written."""

    @override
    def check_address(self) -> tuple[str, int]:
        """Return the entry's address."""
        return self.config_entry.data[CONF_HOST], self.config_entry.data[CONF_PORT]

    @override
    def loaded_client(self) -> Client | None:
        """Return the client of a loaded entry."""
        is_loaded = self.config_entry.state is ConfigEntryState.LOADED
        return self.config_entry.runtime_data.client if is_loaded else None

    @override
    async def async_after_check(self) -> ConfigFlowResult:
        """Show the menu again."""
        self._has_chosen = False
        return await self.async_step_init()

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the options."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        if (menu := await self.async_step_menu()) is not None:
            return menu
        schema = OPTIONS_SCHEMA
        if has_several(self.hass) and house_owner(self.hass) in (None, self.config_entry):
            schema = schema.extend({vol.Required(CONF_HOUSE, default=False): BooleanSelector()})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, self.config_entry.options),
        )
