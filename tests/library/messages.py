"""Messages of every kind, for hypothesis to choose from."""

from givenergy_modbus.pdu import (
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadMeterProductRegistersRequest,
    ReadRegistersRequest,
    ReadRegistersResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    permitted_registers,
)
from hypothesis import strategies as st

READ_REQUESTS = (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadMeterProductRegistersRequest,
)

SERIALS = st.text("ABCDEFGHJKLMNPQRSTUVWX0123456789\0\xe9", min_size=10, max_size=10)
BYTES = st.integers(0, 0xFF)
WORDS = st.integers(0, 0xFFFF)


def _response(kind: type[ReadRegistersResponse]) -> st.SearchStrategy[ReadRegistersResponse]:
    return st.lists(WORDS, max_size=60).flatmap(
        lambda values: st.builds(
            kind,
            data_adapter_serial_number=SERIALS,
            device_address=BYTES,
            inverter_serial_number=SERIALS,
            base_register=WORDS,
            register_count=st.just(len(values)),
            register_values=st.just(tuple(values)),
        )
    )


def _exception(kind: type[ReadRegistersResponse]) -> st.SearchStrategy[ReadRegistersResponse]:
    return st.builds(
        kind,
        data_adapter_serial_number=SERIALS,
        device_address=BYTES,
        inverter_serial_number=SERIALS,
        base_register=WORDS,
        register_count=WORDS,
        register_values=st.just(()),
        error=st.just(value=True),
    )


def _request(kind: type[ReadRegistersRequest]) -> st.SearchStrategy[ReadRegistersRequest]:
    return st.builds(
        kind,
        data_adapter_serial_number=SERIALS,
        device_address=BYTES,
        base_register=WORDS,
        register_count=st.integers(1, 60),
    )


_ADDRESSES = st.ip_addresses(v=4).map(str)
RESPONSE_MESSAGES = st.one_of(
    *(_response(request.response_type) for request in READ_REQUESTS),
    *(_exception(request.response_type) for request in READ_REQUESTS),
    st.builds(
        WriteHoldingRegisterResponse,
        data_adapter_serial_number=SERIALS,
        device_address=BYTES,
        inverter_serial_number=SERIALS,
        register=WORDS,
        value=WORDS,
        error=st.booleans(),
    ),
    st.builds(
        NullResponse,
        data_adapter_serial_number=SERIALS,
        device_address=BYTES,
        inverter_serial_number=SERIALS,
    ),
    st.builds(
        LanConfigBroadcast,
        data_adapter_serial_number=SERIALS,
        ip=_ADDRESSES,
        netmask=_ADDRESSES,
        gateway=_ADDRESSES,
        check=st.binary(min_size=2, max_size=2),
    ),
    st.builds(HeartbeatRequest, data_adapter_serial_number=SERIALS, data_adapter_type=BYTES),
)
REQUEST_MESSAGES = st.one_of(
    *map(_request, READ_REQUESTS),
    st.builds(
        WriteHoldingRegisterRequest,
        st.sampled_from(sorted(permitted_registers())),
        WORDS,
        data_adapter_serial_number=SERIALS,
        device_address=BYTES,
    ),
    st.builds(HeartbeatResponse, data_adapter_serial_number=SERIALS, data_adapter_type=BYTES),
)
