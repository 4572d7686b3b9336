"""The command line: look at a plant, tell it something, record and replay it, simulate one."""

import sys

_NEEDED = ("typer", "rich")

try:
    from .app import app
except ModuleNotFoundError as err:
    if (err.name or "").partition(".")[0] not in _NEEDED:
        raise
    _missing: str | None = err.name
else:
    _missing = None


def main() -> None:
    """Run the command line; without the packages it needs, say so and exit with 2."""
    if _missing is not None:
        sys.stderr.write(
            f"givenergy-modbus needs {_missing}: pip install 'givenergy-local-modbus[cli]'\n"
        )
        sys.exit(2)
    app(prog_name="givenergy-modbus")
