"""The texts of selectors that code uses by their keys, and not a form."""

from homeassistant.util import slugify

from custom_components.givenergy.check import FIGURES
from custom_components.givenergy.energy import SOURCES
from custom_components.givenergy.givenergy_modbus.client.findings import FindingCode
from custom_components.givenergy.givenergy_modbus.model.device_kinds import DEVICE_KINDS
from custom_components.givenergy.givenergy_modbus.model.fault_codes import (
    CHARGER_WARNINGS,
    GATEWAY_FAULTS,
    INVERTER_FAULTS,
    THREE_PHASE_FAULTS,
)
from custom_components.givenergy.givenergy_modbus.model.models import UNKNOWN
from custom_components.givenergy.overrides.request import OverrideNote
from custom_components.givenergy.predbat import PredbatNote
from custom_components.givenergy.takeover.survey import Stays
from custom_components.givenergy.texts import message_key

_ERRORS_OF_THE_FLOW = {
    FindingCode.HOST_NOT_FOUND,
    FindingCode.CONNECTION_REFUSED,
    FindingCode.CONNECTION_TIMED_OUT,
    FindingCode.HOST_UNREACHABLE,
    FindingCode.CANNOT_CONNECT,
    FindingCode.NOT_GIVENERGY,
    FindingCode.NOTHING_DETECTED,
}


def used_by_code() -> dict[str, set[str]]:
    """Return the options of each selector that only code uses."""
    return {
        "energy_source": {*SOURCES},
        "finding": {code.value for code in FindingCode if code not in _ERRORS_OF_THE_FLOW},
        "message": {message_key(text) for text in library_messages()},
        "model": {slugify(model) for model in models_that_are_words()},
        "override_note": {note.value for note in OverrideNote},
        "predbat_note": {note.value for note in PredbatNote},
        "system_check": {*FIGURES, "no_findings"},
        "takeover": {"moves", *Stays},
    }


def library_messages() -> list[str]:
    """Return every message of faults and warnings that the library decodes."""
    tables = (INVERTER_FAULTS, CHARGER_WARNINGS, GATEWAY_FAULTS, *THREE_PHASE_FAULTS)
    return [text for table in tables for text in table.values()]


def models_that_are_words() -> set[str]:
    """Return the models that describe a device; the others are names of products."""
    return {UNKNOWN.name, *(row.name for row in DEVICE_KINDS.values() if not row.is_root)}
