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
"""The devices of the plant, by identity: kind, number, serial number, place and status."""

CONF_BLOCKS_PROBED: Final = "blocks_probed"
"""Whether the blocks that only some firmware serves have been looked for."""

CONF_MISSED_POLLS: Final = "missed_polls"
CONF_READ_ONLY: Final = "read_only"
CONF_PASSIVE: Final = "passive"
CONF_HOUSE: Final = "house"
CONF_CHECK: Final = "check"

DEFAULT_INTERVAL: Final = 15
MIN_INTERVAL: Final = 5
MAX_INTERVAL: Final = 300
DEFAULT_MISSED_POLLS: Final = 3
MAX_MISSED_POLLS: Final = 20

SETTINGS_INTERVAL: Final = timedelta(minutes=5)
"""How often the settings are read when nothing asks for them sooner."""
