"""Every example of the guide runs as it stands there."""

import ast
import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from inspect import CO_COROUTINE
from pathlib import Path
from selectors import DefaultSelector
from typing import Any, NamedTuple, override

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.client.client import Client
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.plant import PlantCapabilities
from givenergy_modbus.simulator import Simulator

from tests.library.plants import layout_of

PAGE = Path(__file__).parents[2] / "docs" / "usage.md"

HOSTS = {"192.168.99.99", "inverter.local"}
PLANTS = {
    "EMS commands": "ems",
    "Inverter commands": "three_phase_hv",
}
"""The plant an example is tried on, by its heading, where it is not the usual one."""
USUAL = "gen3_hybrid"

SPEED = 25
"""How many seconds the examples wait in one."""
SLEEPS = 5
"""How much shorter they sleep besides."""


class Example(NamedTuple):
    """A block of code in the guide."""

    heading: str
    language: str
    code: str


def examples() -> list[Example]:
    """Return the guide's blocks of code, in their order."""
    found = []
    heading = ""
    blocks = re.compile(r"^## ([^\n]+)$|^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for match in blocks.finditer(PAGE.read_text()):
        heading = match[1] or heading
        if match[2]:
            found.append(Example(heading, match[2], match[3]))
    return found


class FastSelector(DefaultSelector):
    """Waits a fraction of the time."""

    @override
    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(None if timeout is None else timeout / SPEED)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes quickly."""

    def __init__(self) -> None:
        super().__init__(FastSelector())

    @override
    def time(self) -> float:
        return super().time() * SPEED


class Twice(ast.NodeTransformer):
    """Ends endless loops after two rounds."""

    @override
    def visit_While(self, node: ast.While) -> ast.For:
        assert isinstance(node.test, ast.Constant)
        rounds = ast.parse("range(2)", mode="eval").body
        self.generic_visit(node)
        loop = ast.For(ast.Name("_", ast.Store()), rounds, node.body, [])
        return ast.fix_missing_locations(ast.copy_location(loop, node))


def compiled(example: Example) -> Any:
    """Return an example's code, ready to run."""
    tree = Twice().visit(ast.parse(example.code))
    return compile(tree, f"{PAGE.name}: {example.heading}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


class Simulation(threading.Thread):
    """Simulates plants beside the examples, which run in event loops of their own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()

    @override
    def run(self) -> None:
        self.loop.run_forever()
        self.loop.close()

    def call[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run something there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


class Reader:
    """Runs the examples one after the other."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._plants: dict[str, Simulator] = {}
        self.names: dict[str, Any] = {"my_timeslot": TimeSlot.from_components(1, 0, 2, 0)}
        self.sim = self.plant_of("")

    def plant_of(self, heading: str) -> Simulator:
        """Return the plant an example is tried on."""
        name = PLANTS.get(heading, USUAL)
        if name not in self._plants:
            self._plants[name] = Simulator(name, latency=0, heartbeat=0)
            self._simulation.call(self._plants[name].start())
        return self._plants[name]

    def close(self) -> None:
        """Stop all plants."""
        for sim in self._plants.values():
            self._simulation.call(sim.close())

    def tries(self, example: Example) -> None:
        """Run an example."""
        self.sim = self.plant_of(example.heading)
        code = compiled(example)
        if code.co_flags & CO_COROUTINE:
            asyncio.run(self._awaits(code), loop_factory=FastLoop)
        else:
            exec(code, self.names)  # noqa: S102

    async def _awaits(self, code: Any) -> None:
        async with self._at_work():
            await eval(code, self.names)  # noqa: S307

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """Supply what an example takes for granted: a client of a plant that is known."""
        async with Client("inverter.local") as client:
            client.adopt(layout_of(self.sim))
            await client.load_config()
            await client.refresh()
            plant = client.plant
            self.names |= {"client": client, "plant": plant, "inverter": plant.inverter}
            yield


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    simulation = Simulation()
    simulation.start()
    reader = Reader(simulation)
    open_connection: Callable[..., Any] = asyncio.open_connection
    sleep, run = asyncio.sleep, asyncio.run

    def connect(host: str, port: int) -> Any:
        assert host in HOSTS
        return open_connection(reader.sim.host, reader.sim.port)

    monkeypatch.setattr(asyncio, "open_connection", connect)
    monkeypatch.setattr(asyncio, "sleep", lambda delay: sleep(delay / SLEEPS))
    monkeypatch.setattr(asyncio, "run", partial(run, loop_factory=FastLoop))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield reader
    reader.close()
    simulation.loop.call_soon_threadsafe(simulation.loop.stop)
    simulation.join()


def test_every_example_runs(
    reader: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for example in examples():
        if example.language == "python":
            reader.tries(example)
    printed = capsys.readouterr().out.splitlines()
    assert printed[:4] == ["FD2346G126", "Model.HYBRID", "True", "True"]
    assert printed[6] == "DX2345G402"
    assert printed[8:10] == [f"SOC: {printed[7]}%"] * 2
    recorded = (tmp_path / "capture.txt").read_text().splitlines()
    assert len(recorded) > 10
    assert {line.split()[1] for line in recorded} == {"rx", "tx"}
    stored = json.loads((tmp_path / ".givenergy-caps.json").read_text())
    assert stored["device_type"] == "HYBRID_GEN3"
    writes = reader.plant_of("").writes
    assert (0x11, 116, 80) in writes
    assert (0x11, 2040, 1) in reader.plant_of("EMS commands").writes
    assert (0x11, 1123, 1) in reader.plant_of("Inverter commands").writes


def test_the_layout_shown_is_one() -> None:
    shown = next(json.loads(example.code) for example in examples() if example.language == "json")
    assert PlantCapabilities.from_dict(shown).to_dict() == shown


METHODS: dict[str, tuple[type, ...]] = {
    "inverter": (SinglePhaseInverter, ThreePhaseInverter),
    "three-phase": (ThreePhaseInverter,),
    "EMS": (Ems,),
    "function": (),
}


def listed() -> list[tuple[str, str]]:
    """Return the commands in the guide's table, and what has them as methods."""
    rows = re.findall(r"^\| `(\w+)\(.*\)` \|.*\| (\S+) \|$", PAGE.read_text(), re.MULTILINE)
    assert len(rows) > 50
    return rows


@pytest.mark.parametrize(("name", "owner"), listed())
def test_every_command_listed_is_one(name: str, owner: str) -> None:
    assert callable(getattr(commands, name))
    everybody = {SinglePhaseInverter, ThreePhaseInverter, Ems}
    assert {item for item in everybody if hasattr(item, name)} == set(METHODS[owner])
