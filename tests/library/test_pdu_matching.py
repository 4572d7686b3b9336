"""Which response belongs to which request."""

import itertools

import pytest
from givenergy_modbus.pdu import (
    REQUESTS,
    RESPONSES,
    BasePDU,
    HeartbeatRequest,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    ReadRegistersRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    decode_response,
)

from tests.library import frames
from tests.library.messages import READ_REQUESTS

# --- who answers whom ------------------------------------------------------------------


@pytest.mark.parametrize("kind", READ_REQUESTS)
def test_answer_has_the_shape_its_request_expects(kind: type[ReadRegistersRequest]) -> None:
    request = kind(base_register=60, register_count=2, device_address=0x32)
    answer = request.response_type(
        base_register=60, register_count=2, register_values=(1, 2), device_address=0x32
    )
    assert answer.shape == request.expected_shape
    assert answer.function == request.function
    assert answer.bank == request.bank
    assert not request.is_refused_by(answer)


def test_shapes_differ_by_what_matters() -> None:
    requests = [
        kind(base_register=base, register_count=count, device_address=device)
        for kind, base, count, device in itertools.product(
            READ_REQUESTS, (0, 60), (1, 60), (0x11, 0x32)
        )
    ]
    writes = [WriteHoldingRegisterRequest(register, 0) for register in (0, 60)]
    others: list[BasePDU] = [
        HeartbeatRequest(data_adapter_type=1),
        HeartbeatRequest(data_adapter_type=2),
        NullResponse(),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="10.0.0.1"),
    ]
    messages = [*requests, *writes, *others]
    assert len({message.shape for message in messages}) == len(messages)


def test_value_is_no_part_of_a_write_shape() -> None:
    request = WriteHoldingRegisterRequest(96, 1)
    answer = request.response_type(register=96, value=0)
    assert answer.shape == request.expected_shape


@pytest.mark.parametrize("count", [0, 60, 120])
def test_exception_is_recognised_whatever_its_count(count: int) -> None:
    request = ReadInputRegistersRequest(base_register=180, register_count=60, device_address=0x31)
    refusal = ReadInputRegistersResponse(
        base_register=180, register_count=count, device_address=0x31, error=True
    )
    assert request.target == refusal.target
    assert request.is_refused_by(refusal)


@pytest.mark.parametrize(
    "response",
    [
        ReadInputRegistersResponse(base_register=120, register_count=0, error=True),
        ReadHoldingRegistersResponse(base_register=180, register_count=0, error=True),
        ReadInputRegistersResponse(
            base_register=180, register_count=0, device_address=0x32, error=True
        ),
        WriteHoldingRegisterResponse(register=180, value=60, error=True),
        ReadInputRegistersResponse(base_register=180, register_count=0),
    ],
    ids=["base", "function", "device", "write", "no exception"],
)
def test_other_exceptions_are_not(response: TransparentResponse) -> None:
    request = ReadInputRegistersRequest(base_register=180, register_count=60)
    assert not request.is_refused_by(response)


def test_write_is_refused() -> None:
    refusal = decode_response(frames.WRITE_REFUSED)
    assert isinstance(refusal, TransparentResponse)
    assert WriteHoldingRegisterRequest(313, 0).is_refused_by(refusal)
    assert not WriteHoldingRegisterRequest(314, 0).is_refused_by(refusal)


# --- the tables ------------------------------------------------------------------------


def test_every_request_has_its_response_under_the_same_function() -> None:
    assert set(RESPONSES) - set(REQUESTS) == {NullResponse.function}
    for function, request in REQUESTS.items():
        assert request.function == RESPONSES[function].function == function
    for read in READ_REQUESTS:
        assert RESPONSES[read.function] is read.response_type


def test_banks() -> None:
    assert [read.bank for read in READ_REQUESTS] == ["HR", "IR", "MR"]
    assert [read.function for read in READ_REQUESTS] == [0x03, 0x04, 0x16]
