"""The command line: read, control, record and simulate a plant."""

import sys

_REQUIRED = ("typer", "rich")


def main() -> None:
    """Run the command line; name the missing package and exit with 2 if one is missing."""
    try:
        from .app import app  # noqa: PLC0415 - needs packages that may be missing
    except ModuleNotFoundError as err:
        if (err.name or "").partition(".")[0] not in _REQUIRED:
            raise
        sys.stderr.write(
            f"givenergy-modbus needs {err.name}: pip install 'givenergy-local-modbus[cli]'\n"
        )
        sys.exit(2)
    app(prog_name="givenergy-modbus")
