"""Proves the guards safe and alive over a million steps: random plants, histories, garbage.

A step is one page given to a plant. Both properties are those of the test suite.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Callable
from random import Random
from time import monotonic

from givenergy_modbus.model.plant import Plant

from tests.library.guard_world import check_liveness, check_safety

INTERVALS = (5, 10, 15, 30, 60, 90, 300, 600)

type Check = Callable[[Random, float], None]


def prove(steps: int, seconds: float, seed: int = 0) -> Counter[str]:
    """Return how many worlds, pages and failures there were, until steps or time are used up."""
    found: Counter[str] = Counter()
    update = Plant.update

    def counted(plant: Plant, *args: object) -> object:
        found["pages"] += 1
        return update(plant, *args)

    end = monotonic() + seconds
    Plant.update = counted
    try:
        while found["pages"] < steps and monotonic() < end:
            check: Check = (check_safety, check_liveness)[seed % 2]
            _try(check, seed, found)
            seed += 1
    finally:
        Plant.update = update
    return found


def _try(check: Check, seed: int, found: Counter[str]) -> None:
    random = Random(seed)
    interval = random.choice(INTERVALS)
    found[check.__name__] += 1
    try:
        check(random, interval)
    except AssertionError as err:
        found[f"{check.__name__} failed"] += 1
        print(f"{check.__name__}, seed {seed}, every {interval} s: {err}")


def main() -> None:
    """Prove, and print what was counted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guards", description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable()
    found = prove(options.steps, options.seconds, options.seed)
    for name, count in sorted(found.items()):
        print(f"{count:>9,} {name}")
    if any(name.endswith("failed") for name in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
