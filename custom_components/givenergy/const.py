"""Names and defaults the integration's parts share."""

from datetime import timedelta
from logging import getLogger
from typing import Final

DOMAIN: Final = "givenergy"
LOGGER = getLogger(__package__)
MANUFACTURER: Final = "GivEnergy"

DEFAULT_PORT: Final = 8899

ENTRY_VERSION: Final = 1
"""Of what is stored of a plant; raised when an older release could not read it."""

CONF_CAPABILITIES: Final = "capabilities"
"""The plant's layout as detection found it, in the library's stored form."""
CONF_IDENTITIES: Final = "identities"
"""Who each device is, decided once and kept: ``kind@address`` to identity and serial."""

CONF_MISSED_POLLS: Final = "missed_polls"
CONF_READ_ONLY: Final = "read_only"

DEFAULT_INTERVAL: Final = 30
MIN_INTERVAL: Final = 10
MAX_INTERVAL: Final = 300
DEFAULT_MISSED_POLLS: Final = 3
MAX_MISSED_POLLS: Final = 20

SETTINGS_INTERVAL: Final = timedelta(minutes=5)
"""How often the settings are read when nothing asks for them sooner."""
