"""The command line as a shell would run it."""

import asyncio
import json
from pathlib import Path

from givenergy_modbus.cli.app import app
from givenergy_modbus.simulator import Simulator
from typer.testing import CliRunner, Result

from tests.library.plants import layout_of

SERIAL = "SA2241G101"
SHARED_SERIAL = "SA2241G000"
QUICK = ("--timeout-factor", "0.2")


def run(*words: object, **environment: str) -> Result:
    """Run a command as a shell would, without one."""
    return CliRunner().invoke(app, [str(word) for word in words], env=environment)


async def run_beside(*words: object, **environment: str) -> Result:
    """Run a command while the simulator goes on in this loop."""
    return await asyncio.to_thread(run, *words, **environment)


class Cli:
    """The command line, with the address of a simulated plant."""

    def __init__(self, sim: Simulator, layout: Path) -> None:
        self.sim = sim
        self.layout = layout
        layout.write_text(json.dumps(layout_of(sim).to_dict()))

    async def __call__(self, command: str, *words: object) -> Result:
        where = ("--host", self.sim.host, "--port", self.sim.port, *QUICK)
        layout = () if command == "capture" else ("--topology", self.layout)
        return await run_beside(command, *where, *layout, *words)
