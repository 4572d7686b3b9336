"""The steps of the release workflow."""

import json
import re
import zipfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = ROOT / ".github" / "workflows"


@pytest.fixture(scope="module")
def release() -> Any:
    """Load the script, which has no suffix."""
    loader = SourceFileLoader("release", str(ROOT / "scripts" / "release"))
    spec = spec_from_loader("release", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("tag", "version"), [("v1.2.3", "1.2.3"), ("v0.10.0rc1", "0.10.0rc1"), ("v2.0.0b2", "2.0.0b2")]
)
def test_a_tag_has_a_version(release: Any, tag: str, version: str) -> None:
    assert release.version_of(tag) == version


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "vnext", "v1.2.3-1", ""])
def test_other_tags_are_rejected(release: Any, tag: str) -> None:
    with pytest.raises(ValueError, match="not a tag"):
        release.version_of(tag)


def test_every_language_needs_every_text(release: Any, tmp_path: Path) -> None:
    english = {"title": "GivEnergy", "entity": {"sensor": {"soc": {"name": "Level"}}}}
    (tmp_path / "en.json").write_text(json.dumps(english))
    (tmp_path / "de.json").write_text(json.dumps(english))
    release.check_texts(tmp_path)
    (tmp_path / "de.json").write_text(json.dumps({"title": "GivEnergy", "entity": {}}))
    with pytest.raises(ValueError, match=r"de\.json[^}]*entity\.sensor\.soc\.name"):
        release.check_texts(tmp_path)
    assert "scripts/release texts" in (WORKFLOWS / "release.yml").read_text()


def test_the_version_is_written_into_the_manifest_and_nothing_else(
    release: Any, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    before = release.MANIFEST.read_text()
    manifest.write_text(before)
    release.set_version("9.8.7", manifest)
    assert json.loads(manifest.read_text()) == {**json.loads(before), "version": "9.8.7"}
    assert len(manifest.read_text().splitlines()) == len(before.splitlines())


def test_the_archive_is_the_integration_as_hacs_unpacks_it(release: Any, tmp_path: Path) -> None:
    target = tmp_path / "givenergy.zip"
    release.write_zip(target)
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        assert archive.read("manifest.json") == release.MANIFEST.read_bytes()
    assert {"__init__.py", "translations/en.json", "givenergy_modbus/__init__.py"} <= names
    assert not any("__pycache__" in name for name in names)
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"] is True
    assert hacs["filename"] == target.name
    assert f"dist/{target.name}" in (WORKFLOWS / "release.yml").read_text()


def test_the_notes_are_a_section_of_the_changelog(release: Any) -> None:
    changelog = (
        "# Changelog\n\n## [Unreleased]\n\n- c\n\n## [1.1.0]\n\n- b\n\n## [1.0.0] - day\n\n- a\n"
    )
    assert release.notes("1.1.0", changelog) == "- b\n"
    assert release.notes("1.0.0", changelog) == "- a\n"
    with pytest.raises(ValueError, match="no section"):
        release.notes("1.0", changelog)


def test_a_wrong_step_is_an_error(release: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["publish", "v1.0.0"]) == 1
    assert release.main(["version", "latest"]) == 1
    assert release.main(["version"]) == 1
    assert release.main([]) == 1
    assert capsys.readouterr().err.count("release: ") == 4


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.stem)
def test_workflows_have_few_rights_and_fixed_actions(path: Path) -> None:
    """The two validators have no releases, and are meant to be the latest."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = {step["uses"] for step in steps if "uses" in step}
    latest = {"home-assistant/actions/hassfest@master", "hacs/action@main"}
    for action in used - latest:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 30


@pytest.mark.parametrize("name", ["bug", "wrong_value", "hardware", "feature"])
def test_issue_forms_are_of_the_expected_form(name: str) -> None:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text())
    assert form.keys() >= {"name", "description", "body"}
    for field in form["body"]:
        assert field["type"] in ("input", "textarea", "dropdown", "checkboxes", "markdown")
        assert field["attributes"]["label"]
