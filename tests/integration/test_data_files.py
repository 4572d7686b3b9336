"""The files Home Assistant and HACS read beside the code, checked as their own tools would."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from awesomeversion import AwesomeVersion
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers import service
from homeassistant.helpers.selector import validate_selector
from PIL import Image

from custom_components.givenergy.actions import ACTIONS
from custom_components.givenergy.condition import CONDITIONS
from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.client.findings import FindingCode
from custom_components.givenergy.givenergy_modbus.model.device_kinds import DeviceKind
from custom_components.givenergy.slots import SLOT_KINDS
from custom_components.givenergy.trigger import TRIGGERS

from .used_texts import used_by_code

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components/givenergy"
MANIFEST = json.loads((INTEGRATION / "manifest.json").read_text())
ENGLISH = json.loads((INTEGRATION / "translations/en.json").read_text())
ICONS = json.loads((INTEGRATION / "icons.json").read_text())
SERVICES = yaml.safe_load((INTEGRATION / "services.yaml").read_text())
SOURCES = {
    ".".join(path.relative_to(INTEGRATION).with_suffix("").parts): ast.parse(path.read_text())
    for path in INTEGRATION.rglob("*.py")
    if "givenergy_modbus" not in path.parts
}

PLACEHOLDER = re.compile(r"{(.*?)}")


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a tree with the keys that lead to it."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield from leaves(below, (*path, key))
    else:
        yield path, node


def calls(module: str, *names: str) -> Iterator[ast.Call]:
    """Yield a module's calls of functions or methods of some names."""
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            if (called if isinstance(called, str) else getattr(called, "id", None)) in names:
                yield node


def texts(node: ast.AST) -> set[str]:
    """Return the literal texts in a piece of code."""
    return {
        child.value
        for child in ast.walk(node)
        if isinstance(child, ast.Constant) and isinstance(child.value, str)
    }


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call passes under a name."""
    return next((argument.value for argument in call.keywords if argument.arg == name), None)


# The manifest and what HACS looks at


def test_manifest_keys_are_known_and_in_order() -> None:
    known = {
        "after_dependencies", "bluetooth", "codeowners", "config_flow", "dependencies", "dhcp",
        "disabled", "documentation", "domain", "homekit", "import_executor", "integration_type",
        "iot_class", "issue_tracker", "loggers", "mqtt", "name", "preview_features",
        "quality_scale", "requirements", "single_config_entry", "ssdp", "usb", "version",
        "zeroconf",
    }  # fmt: skip
    keys = list(MANIFEST)
    assert set(keys) <= known
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_manifest_says_what_it_must() -> None:
    assert MANIFEST["domain"] == INTEGRATION.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["integration_type"] == "device"
    assert MANIFEST["iot_class"] == "local_polling"
    assert AwesomeVersion(MANIFEST["version"]).valid
    assert MANIFEST["codeowners"]
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://")
        assert "home-assistant.io" not in MANIFEST[key]


def test_hacs_finds_what_it_asks_for() -> None:
    entry = json.loads((ROOT / "hacs.json").read_text())
    assert entry.keys() <= {
        "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
        "name", "persistent_directory", "zip_release",
    }  # fmt: skip
    assert entry["name"]
    assert "filename" in entry or not entry.get("zip_release")
    for name in ("README.md", "LICENSE"):
        assert (ROOT / name).stat().st_size > 100


@pytest.mark.parametrize(("name", "size"), [("icon", 256), ("icon@2x", 512)])
def test_icon_is_square_and_of_the_expected_size(name: str, size: int) -> None:
    with Image.open(INTEGRATION / f"brand/{name}.png") as image:
        assert (image.format, image.size) == ("PNG", (size, size))


def test_logo_is_wide_and_comes_in_two_sizes() -> None:
    with (
        Image.open(INTEGRATION / "brand/logo.png") as small,
        Image.open(INTEGRATION / "brand/logo@2x.png") as large,
    ):
        assert (small.height, large.height) == (128, 256)
        assert small.width > small.height


# Words


def test_there_is_one_source_of_words() -> None:
    """The other languages are compared with English in `test_translations.py`."""
    assert not (INTEGRATION / "strings.json").exists()
    files = list((INTEGRATION / "translations").iterdir())
    assert {path.suffix for path in files} == {".json"}
    assert {path.stem for path in files} <= LANGUAGES


def test_top_level_keys_are_known() -> None:
    assert ENGLISH.keys() <= {
        "common", "conditions", "config", "device", "entity", "exceptions", "issues", "options",
        "selector", "services", "system_health", "title", "triggers",
    }  # fmt: skip


def test_texts_are_plain() -> None:
    for path, text in leaves(ENGLISH):
        where = ".".join(path)
        assert text, where
        assert text == text.strip(), where
        assert not re.search(r"https?://|www\.|\[%key|<[a-z/]", text), where
        assert "'{" not in text, where
        assert all(placeholder.isidentifier() for placeholder in PLACEHOLDER.findall(text)), where


def test_texts_use_the_words_of_the_glossary() -> None:
    """A person has a system with a dongle and slots; plant, adapter and window are for code."""
    for path, text in leaves(ENGLISH):
        shown = re.sub(r"{.*?}", "", text)
        assert not re.search(
            r"\b(plants?|adapters?|windows?|layout|anew)\b", shown, re.IGNORECASE
        ), path


def test_keys_are_slugs() -> None:
    for path, _ in leaves(ENGLISH):
        for key in path:
            assert re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", key), path


def test_names_are_in_sentence_case() -> None:
    """A capital within a name is a proper name or an abbreviation."""
    proper = {
        "AC", "All", "BMS", "C-rate", "CEE", "CRC", "CT", "DC", "EM115", "EM418", "EMS", "EV",
        "G100", "GivEnergy", "Hz", "IP", "L1-L2", "L2-L3", "L3-L1", "LoRa", "Modbus", "One", "Ones",
        "PV", "Predbat", "UPS", "USB", "Volt-var", "Wi-Fi", "kW",
    }  # fmt: skip
    for path, text in leaves(ENGLISH):
        if (path[-1] != "name" and "state" not in path) or "data_description" in path:
            continue
        first, *rest = text.split()
        assert first[0].isupper() or not first[0].isalpha(), path
        assert all(word.islower() or word in proper or not word[0].isalpha() for word in rest), path


def test_states_have_no_placeholders() -> None:
    for path, text in leaves(ENGLISH["entity"]):
        if path[-2] == "state":
            assert not PLACEHOLDER.search(text), path


def test_entity_words_are_in_order() -> None:
    """Entities are sorted, so that they are easy to find."""
    for platform, entities in ENGLISH["entity"].items():
        assert list(entities) == sorted(entities), platform
        assert list(ICONS["entity"].get(platform, {})) == sorted(ICONS["entity"].get(platform, {}))


@pytest.mark.parametrize("flow", ["config", "options"])
def test_every_field_of_a_form_is_described(flow: str) -> None:
    for step, words in ENGLISH[flow]["step"].items():
        assert words.get("data", {}).keys() == words.get("data_description", {}).keys(), step


def test_steps_are_those_the_flows_show() -> None:
    shown: set[str] = set()
    for module in ("check", "config_flow", "energy", "takeover.flow"):
        for call in calls(module, "async_show_form", "async_show_menu", "_async_ask"):
            step = keyword(call, "step_id") or call.args[0]
            shown |= texts(step)
    known = ENGLISH["config"]["step"].keys() | ENGLISH["options"]["step"].keys()
    assert shown == known
    assert ENGLISH["config"]["progress"].keys() == {"check", "detect"}
    assert ENGLISH["options"]["progress"].keys() == {"check"}


def test_errors_and_aborts_are_those_the_flow_raises() -> None:
    errors = {text for call in calls("config_flow", "DetectionFailed") for text in texts(call)}
    errors.add("name_taken")
    assert errors | connect_errors() == ENGLISH["config"]["error"].keys()
    # The helpers that compare unique ids and addresses bring this one themselves.
    assert aborts("config_flow") | {"already_configured"} == ENGLISH["config"]["abort"].keys()
    assert aborts("energy") == ENGLISH["options"]["abort"].keys()


def aborts(module: str) -> set[str]:
    """Return the reasons for which a module's flows end early."""
    return {
        text
        for call in calls(module, "async_abort", "_abort_if_unique_id_mismatch")
        if (reason := keyword(call, "reason")) is not None
        for text in texts(reason)
    }


def connect_errors() -> set[str]:
    """Return the keys of the reasons for which a connection fails."""
    return {
        code.value
        for code in FindingCode
        if code.value.startswith(("cannot_", "connection_", "host_"))
    }


COMPUTED: dict[str, set[str]] = {
    **{key: set() for key in connect_errors()},
    "no_answer": set(),
    "write_not_sent": set(),
    "write_not_sent_partly": {"applied"},
    "write_refused": {"setting"},
    "write_refused_partly": {"applied", "setting"},
    "write_unconfirmed": {"setting"},
    "write_unconfirmed_partly": {"applied", "setting"},
}
"""Keys that are chosen where they are raised, with their placeholders."""


def raised() -> Iterator[tuple[str, set[str] | None]]:
    """Yield the key of every translated exception, and its placeholders where they are spelled."""
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "OverrideRefused":
                yield str(node.args[0].value), {str(argument.arg) for argument in node.keywords}
            if not isinstance(node, ast.Call) or keyword(node, "translation_domain") is None:
                continue
            key, placeholders = (
                keyword(node, "translation_key"),
                keyword(node, "translation_placeholders"),
            )
            if not isinstance(key, ast.Constant):
                yield from COMPUTED.items()
            elif placeholders is None:
                yield str(key.value), set()
            elif isinstance(placeholders, ast.Dict):
                keys = [item for item in placeholders.keys if item is not None]
                yield str(key.value), {text for item in keys for text in texts(item)}
            else:
                yield str(key.value), None


def test_every_exception_has_its_words_and_they_its_placeholders() -> None:
    found = dict(raised())
    assert found.keys() == ENGLISH["exceptions"].keys()
    for key, names in found.items():
        entry = set(PLACEHOLDER.findall(ENGLISH["exceptions"][key]["message"]))
        assert entry == names or names is None, key


def test_every_issue_has_its_words() -> None:
    keys = {text for call in calls("issues", "Issue") for text in texts(call.args[0])}
    keys |= {"clock_fast", "clock_slow", "clock_fast_read_only", "clock_slow_read_only"}
    # Raised while or after no system is loaded.
    keys |= {"override_left", "wrong_plant"}
    for call in calls("takeover.move", "async_create_issue"):
        keys |= texts(keyword(call, "translation_key"))
    assert keys == ENGLISH["issues"].keys()
    for key, words in ENGLISH["issues"].items():
        assert ("fix_flow" in words) is not ("description" in words), key
    fixable = {key for key, words in ENGLISH["issues"].items() if "fix_flow" in words}
    assert fixable == {*_dictionary("repairs", "_FLOWS"), "given_back"}


def _dictionary(module: str, name: str) -> list[str]:
    """Return the keys of a module's dictionary."""
    for node in SOURCES[module].body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == name:
            assert isinstance(node.value, ast.Dict)
            return [text for key in node.value.keys if key is not None for text in texts(key)]
    raise AssertionError(name)


def test_every_kind_of_device_has_a_name_with_its_number() -> None:
    names = {key: words["name"] for key, words in ENGLISH["device"].items()}
    assert names.pop("house") == "House"
    roots = {"inverter", "all_in_one", "ems", "gateway", "system"}
    assert names.keys() == set(DeviceKind) | roots
    single = roots | {"lv_bcu"}
    for key, name in names.items():
        expected = ["system"] if key in single else ["system", "number"]
        assert PLACEHOLDER.findall(name) == expected, key


def test_system_health_has_words_for_its_figures() -> None:
    (function,) = (
        node
        for node in SOURCES["system_health"].body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "async_info"
    )
    (returned,) = (node.value for node in ast.walk(function) if isinstance(node, ast.Return))
    assert isinstance(returned, ast.Dict)
    keys = {text for key in returned.keys if key is not None for text in texts(key)}
    assert keys == ENGLISH["system_health"]["info"].keys()


# Actions


def actions() -> dict[str, set[str]]:
    """Return the fields every registered action takes."""
    return {
        action.handler.__name__: {"config_entry_id", *map(str, action.fields)} for action in ACTIONS
    }


def test_every_action_has_a_target_of_the_integration() -> None:
    for name, description in SERVICES.items():
        assert description["target"] == {"entity": [{"integration": DOMAIN}]}, name


def test_every_action_is_described_where_it_must() -> None:
    fields = {name: set(entry["fields"]) for name, entry in SERVICES.items()}
    words = {name: set(entry["fields"]) for name, entry in ENGLISH["services"].items()}
    assert fields == words == actions()
    assert ICONS["services"].keys() == fields.keys()
    assert all({"name", "description"} <= entry.keys() for entry in ENGLISH["services"].values())


def test_descriptions_of_actions_are_of_the_expected_form() -> None:
    for name, entry in SERVICES.items():
        service._SERVICE_SCHEMA(entry)
        for field in entry["fields"].values():
            validate_selector(field["selector"])
        assert name in ENGLISH["services"]


def test_selectors_offer_what_the_actions_take() -> None:
    kinds = SERVICES["clear_slot"]["fields"]["kind"]["selector"]["select"]
    assert set(kinds["options"]) == {kind.key for kind in SLOT_KINDS}
    used = used_by_code()
    for entry in SERVICES.values():
        for field in entry["fields"].values():
            for config in field["selector"].values():
                if config and (key := config.get("translation_key")):
                    used[key] = set(config.get("options") or config["fields"])
    assert used == {
        key: set(words.get("options") or words["fields"])
        for key, words in ENGLISH["selector"].items()
    }


def test_fields_of_object_selectors_have_a_name_and_a_description() -> None:
    for words in ENGLISH["selector"].values():
        for field in words.get("fields", {}).values():
            assert field.keys() == {"name", "description"}


# Triggers and conditions


@pytest.mark.parametrize(("kind", "provided"), [("trigger", TRIGGERS), ("condition", CONDITIONS)])
def test_every_trigger_and_condition_is_described_where_it_must(
    kind: str, provided: Mapping[str, object]
) -> None:
    """What their selectors and targets are, Home Assistant tests where they are used."""
    tree = yaml.safe_load((INTEGRATION / f"{kind}s.yaml").read_text())
    described = {name: about for name, about in tree.items() if not name.startswith(".")}
    words, icons = ENGLISH[f"{kind}s"], ICONS[f"{kind}s"]
    assert described.keys() == words.keys() == icons.keys() == provided.keys()
    assert list(words) == sorted(words)
    assert list(icons) == sorted(icons)
    for name, description in described.items():
        assert description.keys() <= {"target", "fields"}, name
        assert all(entity["integration"] == DOMAIN for entity in description["target"]["entity"]), (
            name
        )
        fields = description.get("fields", {})
        assert all(
            field.keys() <= {"default", "required", "selector"} for field in fields.values()
        ), name
        assert words[name].keys() <= {"name", "description", "fields"}, name
        assert words[name]["name"].strip(), name
        assert words[name]["description"].endswith("."), name
        named = words[name].get("fields", {})
        assert named.keys() == fields.keys(), name
        assert all(field.keys() == {"name"} for field in named.values()), name
        assert icons[name].keys() == {kind}, name
        assert icons[name][kind].startswith("mdi:"), name


# Quality


def test_quality_scale_lists_every_rule_with_reasons_for_exemptions() -> None:
    rules = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == 54
    for rule, status in rules.items():
        if isinstance(status, dict):
            assert status.keys() <= {"status", "comment"}, rule
            assert status["status"] in ("done", "exempt"), rule
            assert status["comment"], rule
        else:
            assert status == "done", rule
