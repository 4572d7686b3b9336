"""The requests that tests of the connection send."""

import asyncio
from dataclasses import astuple

from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.pdu import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadRegistersRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
)

MEASUREMENTS = ReadInputRegistersRequest(base_register=0, register_count=60)
MORE = ReadInputRegistersRequest(base_register=180, register_count=60)
SETTINGS = ReadHoldingRegistersRequest(base_register=60, register_count=60)
WRITE = WriteHoldingRegisterRequest(96, 1)

ONCE = RetryPolicy(5.0, 0, 0.0)
"""No second attempt: a request that is sent twice was repeated at once."""


def ask(
    client: Client,
    request: ReadRegistersRequest | WriteHoldingRegisterRequest,
    policy: RetryPolicy = ONCE,
) -> asyncio.Task[TransparentResponse]:
    """Put a question beside the test."""
    return asyncio.create_task(client.send_request_and_await_response(request, *astuple(policy)))
