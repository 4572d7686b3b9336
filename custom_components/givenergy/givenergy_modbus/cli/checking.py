"""Implement the check command."""

from collections.abc import Mapping

import typer
from rich.table import Table

from ..client.client import Client
from ..client.system_check import Finding, FindingCode, SystemCheck, check_system
from ..client.timing import Timing
from .console import ExitCode, screen, waiting, write_json, write_line
from .options import Target

ADVICE: Mapping[FindingCode, str] = {
    FindingCode.NAME_NOT_FOUND: "The host name is unknown: use the dongle's IP address.",
    FindingCode.CONNECTION_REFUSED: "The port is closed: check address and port, and whether "
    "another client holds the dongle's only connection.",
    FindingCode.CONNECTION_TIMED_OUT: "No device at this address: check it in the router, and "
    "that the dongle is online.",
    FindingCode.UNREACHABLE: "The network has no route to this address: check the network.",
    FindingCode.NO_RESPONSE: "The dongle accepts the connection, but the inverter does not "
    "respond: try again in a minute, or restart the dongle.",
    FindingCode.ANOTHER_DEVICE: "A device that is no GivEnergy dongle responds at this address.",
    FindingCode.SLOW_RESPONSES: "Responses take {seconds} s: check the dongle's Wi-Fi signal, "
    "and poll less often.",
    FindingCode.LOST_RESPONSES: "{lost} of {requests} requests had no valid response: check the "
    "dongle's Wi-Fi signal and other clients.",
    FindingCode.OTHER_CLIENTS: "Other clients cause {per_minute} responses per minute: the cloud "
    "causes a few; a second integration slows both down.",
    FindingCode.CLOCK_DRIFT: "The inverter's clock is off by {seconds} s, and so are its slots: "
    "set it with 'set system_date_time now'.",
    FindingCode.OUTPUT_LIMITED: "The inverter's output is limited to {percent} % by the active "
    "power rate: set it to 100 unless an installer limited it.",
    FindingCode.SEVERAL_SLOTS: "{count} slots of kind {kind} are set: clear those not needed.",
    FindingCode.RESERVE_ABOVE_TARGET: "The reserve of {reserve} % is above the charge target of "
    "{target} %: the battery is not used below the reserve.",
    FindingCode.MANAGED_BY_EMS: "An EMS controls the inverters: change settings on the EMS.",
}


async def check(target: Target, *, listen: float, redacted: bool, json: bool) -> None:
    """Check the system and show the result with a sentence of advice for each finding."""
    client = Client(target.host, target.port, timing=Timing().scaled(target.timeout_factor))
    try:
        with waiting("Checking"):
            result = await check_system(client, listen=listen)
    finally:
        await client.close()
    if json:
        write_json(result.to_dict(redact=redacted))
    else:
        _show(result, redacted=redacted)
    if result.inverter_serial is None:
        raise typer.Exit(ExitCode.FAILED)


def _show(result: SystemCheck, *, redacted: bool) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in result.to_dict(redact=redacted).items():
        if name != "findings":
            table.add_row(name.replace("_", " "), "-" if value is None else str(value))
    screen.print(table)
    for finding in result.findings:
        write_line(f"* {advice(finding)}")
    if not result.findings:
        write_line("Nothing unusual found.")


def advice(finding: Finding) -> str:
    """Return the sentence of advice for a finding."""
    return ADVICE[finding.code].format(**finding.data)
