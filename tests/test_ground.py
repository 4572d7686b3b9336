"""What is built, locked and promised about versions."""

import json
import re
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parent.parent


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> zipfile.ZipFile:
    """Build the library's wheel."""
    monkeypatch.chdir(ROOT)
    return zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path)))


def test_the_wheel_is_the_library_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Home Assistant's side stays out of it."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"givenergy_modbus"}


def test_the_wheel_needs_pydantic_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """The command line is an extra."""
    (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    needs = re.findall(r"^Requires-Dist: (\w+)(.*)$", wheel.read(metadata).decode(), re.MULTILINE)
    assert [name for name, rest in needs if "extra ==" not in rest] == ["pydantic"]


def test_library_and_integration_share_requirements_and_version(wheel: zipfile.ZipFile) -> None:
    """The manifest and the wheel agree."""
    manifest = json.loads((ROOT / "custom_components/givenergy/manifest.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert manifest["requirements"] == project["dependencies"]
    assert Path(str(wheel.filename)).name.split("-")[1] == manifest["version"]


def test_the_lock_file_names_public_addresses_only() -> None:
    """The package index used here must not be in the lock file."""
    urls = re.findall(r'"(https?://[^"]+)"', (ROOT / "uv.lock").read_text())
    assert {urlsplit(url).netloc for url in urls} == {"pypi.org", "files.pythonhosted.org"}


def test_the_oldest_supported_home_assistant_is_tested() -> None:
    """Every file that names the oldest supported release names the tested one."""
    pins = (ROOT / "tests/oldest.txt").read_text()
    tested = re.search(r"^homeassistant==(\d+\.\d+)\.", pins, re.MULTILINE)
    assert tested
    release = f"{tested[1]}.0"
    assert json.loads((ROOT / "hacs.json").read_text())["homeassistant"] == release
    assert f"Home Assistant {tested[1]} or newer" in (ROOT / "README.md").read_text()
    for blueprint in (ROOT / "blueprints/automation/givenergy").glob("*.yaml"):
        assert f"min_version: {release}" in blueprint.read_text()
