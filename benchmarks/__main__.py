"""Measures the library; GIVENERGY_PEER or --peer names a Python that has another one."""

import argparse
import asyncio
import os
from collections.abc import Sequence

from . import report
from .measure import GAP, Figure, decoding, endurance, network
from .page import DOCS, machine, write_section
from .plants import sample
from .sides import Side, sides

PLANTS = {
    "gen1_hybrid": "hybrid with two packs",
    "three_phase_hv": "three-phase with six modules",
}


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--peer", default=os.environ.get("GIVENERGY_PEER"), metavar="PYTHON")
    parser.add_argument(
        "--latencies", type=float, nargs="*", default=[0.0, 0.05, 0.2], metavar="SECONDS"
    )
    parser.add_argument("--plants", nargs="*", choices=PLANTS, default=list(PLANTS))
    parser.add_argument(
        "--polls", type=int, nargs="*", default=[1000], help="when to weigh; 50000 takes minutes"
    )
    parser.add_argument("--no-detect", action="store_true", help="leave out cold detection")
    parser.add_argument("--write", action="store_true", help="put the tables in the documentation")
    return parser.parse_args()


async def names_of(measured: Sequence[Side]) -> list[str]:
    """Return what to call each side."""
    named = ("this", "givenergy-modbus")
    return [f"{name} {await side.version()}" for name, side in zip(named, measured, strict=False)]


async def run(options: argparse.Namespace) -> str:
    """Measure everything, showing each table as it is done."""
    measured = sides(options.peer)
    names = await names_of(measured)
    samples = {name: sample(name) for name in options.plants}
    text: list[str] = []

    def add(title: str, found: Sequence[Figure]) -> None:
        text.append(report.table(title, found, names))
        print(text[-1], flush=True)

    add(
        "Decoding",
        [
            entry
            async for entry in decoding(
                measured, {PLANTS[name]: item for name, item in samples.items()}
            )
        ],
    )
    for name, plant in samples.items():
        for latency in options.latencies:
            title = f"{PLANTS[name].capitalize()}, answers after {latency:g} s, gap {GAP} s"
            over = network(measured, name, plant, latency, detect=not options.no_detect)
            add(title, [item async for item in over])
    if options.polls:
        name = next(iter(samples))
        found = await endurance(measured, name, samples[name], options.polls)
        add(f"{PLANTS[name].capitalize()}, polled without a pause", found)
    return "\n".join(text)


def main() -> None:
    """Measure, and keep the tables if asked to."""
    options = arguments()
    print(machine(), flush=True)
    text = asyncio.run(run(options))
    if options.write:
        write_section(DOCS / "performance.md", "figures", f"{machine()}\n\n{text}")


if __name__ == "__main__":
    main()
