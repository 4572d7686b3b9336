"""Texts that are the same in English and in another language, reviewed one by one."""

EVERYWHERE = {
    "EM115",
    "GivEnergy",
    "{system} All in One",
    "{system} EMS",
}
"""Names of products, which no language translates."""

GERMAN = {
    "Code",
    "Firmware",
    "Host",
    "Name",
    "Port",
    "Start",
    "Status",
    "System",
    "{system} gateway",
}

FRENCH = {
    "Charge",
    "Code",
    "Cycles",
    "Lithium",
    "Message",
    "Messages",
    "Modules",
    "Normal",
    "Options",
    "Phases",
    "Port",
    "Production",
    "Type",
    "Version",
    "{system} All in One {number}",
}

DUTCH = {
    "Code",
    "Eco",
    "Firmware",
    "Host",
    "Lithium",
    "Meters",
    "Modules",
    "Status",
    "Type",
    "{system} All in One {number}",
    "{system} gateway",
    "{system} meter {number}",
}

SAME = {
    "de": EVERYWHERE | GERMAN,
    "fr": EVERYWHERE | FRENCH,
    "nl": EVERYWHERE | DUTCH,
}
"""Texts of `en.json` that a language may leave as they are, by language."""
