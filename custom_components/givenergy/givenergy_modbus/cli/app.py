"""The commands with their arguments and options; each imports its implementation when it runs."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from .console import Commands, configure_logging, version_line, write_line
from .options import (
    PORT,
    AllValues,
    Host,
    HostArgument,
    Json,
    Overwrite,
    Port,
    Target,
    TimeoutFactor,
    TopologyFile,
    check_output,
)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_INPUT = {"exists": True, "dir_okay": False}
_Interval = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="Time between the starts of two polls.")
]


def _run(command: Coroutine[Any, Any, None]) -> None:
    import asyncio

    asyncio.run(command)


def _show_version(*, chosen: bool) -> None:
    if chosen:
        write_line(version_line())
        raise typer.Exit


@app.callback()
def settings(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Log more; twice for debug output.")
    ] = 0,
    *,
    _shown: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda value: _show_version(chosen=value),
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Talk to a GivEnergy system on the local network.

    Exit codes: 0 success, 1 unreachable or refused, 2 usage error, 3 partial result.
    """
    configure_logging(verbose)


@app.command()
def detect(
    address: HostArgument = None,
    host: Host = None,
    port: Port = PORT,
    topology: TopologyFile = None,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    rescan: Annotated[bool, typer.Option("--rescan", help="Ignore the topology file.")] = False,
    json: Json = False,
) -> None:
    """Detect devices.

    --json writes the topology file's format.
    """
    from . import showing

    target = Target.of(address or host, port, topology, timeout_factor)
    _run(showing.detect(target, rescan=rescan, json=json))


@app.command()
def check(
    address: HostArgument = None,
    host: Host = None,
    port: Port = PORT,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    listen: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to listen for other clients.")
    ] = 30.0,
    redacted: Annotated[
        bool, typer.Option("--redact/--no-redact", help="Redact serial numbers.")
    ] = True,
    json: Json = False,
) -> None:
    """Check connection, response times, other clients, clock and unusual settings."""
    from . import checking

    target = Target.of(address or host, port, None, timeout_factor)
    _run(checking.check(target, listen=listen, redacted=redacted, json=json))


@app.command()
def show(
    address: HostArgument = None,
    host: Host = None,
    port: Port = PORT,
    topology: TopologyFile = None,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    all_values: AllValues = False,
    json: Json = False,
) -> None:
    """Show measurements and settings."""
    from . import showing

    target = Target.of(address or host, port, topology, timeout_factor)
    _run(showing.show(target, all_values=all_values, json=json))


@app.command()
def watch(
    address: HostArgument = None,
    host: Host = None,
    port: Port = PORT,
    topology: TopologyFile = None,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    interval: _Interval = 10.0,
    polls: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="Stop after this many polls.")
    ] = None,
    all_values: AllValues = False,
    json: Annotated[bool, typer.Option("--json", help="Write one line of JSON per poll.")] = False,
) -> None:
    """Poll and show measurements repeatedly."""
    from . import showing

    target = Target.of(address or host, port, topology, timeout_factor)
    _run(showing.Watch(all_values=all_values, json=json).run(target, interval, polls))


@app.command()
def probe(
    address: HostArgument = None,
    host: Host = None,
    port: Port = PORT,
    topology: TopologyFile = None,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write rows of hex, to paste into a bug report.")
    ] = False,
    json: Json = False,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="Also read blocks this model is not known to have.")
    ] = False,
    redacted: Annotated[
        bool, typer.Option("--redact/--no-redact", help="Redact serial numbers.")
    ] = True,
) -> None:
    """Read every register and show the raw values.

    Serial numbers keep product family and date of manufacture, and lose the unit number.
    """
    from . import dumping

    target = Target.of(address or host, port, topology, timeout_factor)
    dumping.probe(target, compact=compact, json=json, every=every, redacted=redacted)


@app.command()
def capture(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, writable=True, metavar="FILE", show_default=False)
    ],
    host: Host = None,
    port: Port = PORT,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    duration: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to record.")
    ] = 60.0,
    interval: _Interval = 5.0,
    overwrite: Overwrite = False,
) -> None:
    """Record Modbus traffic for a bug report, with serial numbers redacted.

    Detects and polls the devices meanwhile.
    """
    from . import recording

    check_output(file, overwrite=overwrite)
    recording.capture(Target.of(host, port, None, timeout_factor), file, duration, interval)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False, **_INPUT)],
    topology: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Topology file, for captures that do not show it.", **_INPUT
        ),
    ] = None,
    *,
    all_values: AllValues = False,
    json: Json = False,
) -> None:
    """Show the system recorded in a capture."""
    from . import recording

    recording.replay(files, topology, all_values=all_values, json=json)


@app.command("set")
def set_(
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", show_default=False, help="A name from --list.")
    ],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[ARGS]...", help="Its arguments.")
    ] = None,
    host: Host = None,
    port: Port = PORT,
    topology: TopologyFile = None,
    timeout_factor: TimeoutFactor = 1.0,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be written.")
    ] = False,
    always: Annotated[
        bool, typer.Option("--always", help="Also write values that are unchanged.")
    ] = False,
    json: Json = False,
    _list: Annotated[
        bool,
        typer.Option(
            "--list",
            is_eager=True,
            callback=lambda value: _list_commands(chosen=value),
            help="Show every command and exit.",
        ),
    ] = False,
) -> None:
    """Change a setting and verify it.

    Values are numbers, on or off, names, times (07:30) or slots (00:30-04:30); none
    clears a slot. Unchanged values are not written.
    """
    from . import setting

    chosen = setting.find(command)
    values = chosen.parsed(arguments or [])
    target = Target.of(host, port, topology, timeout_factor)
    _run(setting.change(target, chosen, values, dry_run=dry_run, always=always, json=json))


def _list_commands(*, chosen: bool) -> None:
    if chosen:
        from . import setting

        setting.list_commands()
        raise typer.Exit


def _plant_names() -> list[str]:
    from ..simulator import PROFILES

    return list(PROFILES)


_Captures = Annotated[
    list[Path] | None,
    typer.Option(
        help="Simulate a recorded plant; repeat for more files.", metavar="FILE", **_INPUT
    ),
]
_Dump = Annotated[
    Path | None, typer.Option(help="Simulate a probed plant.", metavar="FILE", **_INPUT)
]
_Description = Annotated[
    Path | None,
    typer.Option(help="Simulate a plant described in YAML or JSON.", metavar="FILE", **_INPUT),
]
_Faults = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[=SHARE]",
        help="Inject a fault into all or a share of the responses; repeat for more.",
    ),
]
_Latency = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", help="Response time; by default as varied as hardware's."
    ),
]


@app.command()
def simulate(
    plant: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=_plant_names, help="A plant from --list."),
    ] = None,
    capture: _Captures = None,
    dump: _Dump = None,
    file: _Description = None,
    host: Annotated[str, typer.Option(metavar="NAME", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="Port to listen on; 0 for any.")
    ] = PORT,
    fault: _Faults = None,
    latency: _Latency = None,
    speed: Annotated[
        float, typer.Option(min=0, metavar="FACTOR", help="How fast its time passes; 0 stops it.")
    ] = 1.0,
    *,
    others: Annotated[
        bool, typer.Option("--others", help="Simulate the vendor's cloud polling the plant too.")
    ] = False,
    _list: Annotated[
        bool,
        typer.Option(
            "--list",
            is_eager=True,
            callback=lambda value: _list_simulations(chosen=value),
            help="Show every plant and fault and exit.",
        ),
    ] = False,
) -> None:
    """Simulate a system to connect to, until Ctrl-C."""
    from . import simulating

    simulating.simulate(
        simulating.chosen_profile(plant, capture or (), dump, file),
        [simulating.parse_fault(text) for text in fault or ()],
        host=host,
        port=port,
        latency=latency,
        speed=speed,
        others=others,
    )


def _list_simulations(*, chosen: bool) -> None:
    if chosen:
        from . import simulating

        simulating.list_simulations()
        raise typer.Exit


@app.command()
def redact(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, **_INPUT)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write to a file instead."),
    ] = None,
    *,
    overwrite: Overwrite = False,
) -> None:
    """Redact serial numbers and addresses in a capture, a probe or any other text."""
    from ..client.text_redaction import redact_any_text

    if output is not None:
        check_output(output, overwrite=overwrite)
    text = redact_any_text(file.read_text(encoding="utf-8", errors="replace"))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
