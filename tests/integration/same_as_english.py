"""Texts that are the same in English and in another language, reviewed one by one."""

EVERYWHERE = {
    "EM115",
    "GivEnergy",
    "{system} All in One",
    "{system} All in One {number}",
    "{system} EMS",
}
"""Names of products, which no language translates."""

GERMAN = {
    "All in Ones online",
    "Automation",
    "Code",
    "Eco",
    "Firmware",
    "Host",
    "Lithium",
    "Name",
    "Normal",
    "Port",
    "Problem",
    "Standby",
    "Status",
    "Version",
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
}

DUTCH = {
    "Code",
    "Eco",
    "Firmware",
    "Host",
    "Lithium",
    "Meters",
    "Model",
    "Modules",
    "Status",
    "Type",
    "{system} gateway",
    "{system} meter {number}",
}

SAME = {
    "de": EVERYWHERE | GERMAN,
    "fr": EVERYWHERE | FRENCH,
    "nl": EVERYWHERE | DUTCH,
}
"""Texts of `en.json` that a language may leave as they are, by language."""
