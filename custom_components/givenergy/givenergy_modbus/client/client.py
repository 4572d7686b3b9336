"""The client of one plant: detection, polling, commands."""

import asyncio
from collections.abc import Iterable
from logging import WARNING
from typing import Literal, Self, overload, override

from ..exceptions import (
    CommunicationError,
    PlantNotDetected,
    PlantTopologyMismatch,
)
from ..model.capabilities import PlantCapabilities
from ..model.guards import Verdict
from ..model.plan import Read
from ..model.plant import Plant
from ..pdu import TransparentRequest, TransparentResponse, WriteHoldingRegisterRequest
from ..write_report import WriteReport
from .capture import FrameTee, Sink
from .deprecated_polling import DeprecatedPolling
from .detection import Detection, Progress
from .identity import IDENTITY
from .polling import Poller
from .timing import RetryPolicy, Timing
from .transport import Transport
from .writing import CommandWriter

_DEFAULT_TIMING = Timing()


class Client(DeprecatedPolling):
    """Reads a plant and sends it commands, over one connection to its data adapter.

    A lost connection is reopened by the next call. All values are on ``plant``.
    ``timing`` has the default time-outs and retries of all calls.
    """

    def __init__(
        self,
        host: str,
        port: int = 8899,
        *,
        connect_timeout: float | None = None,
        tx_message_wait: float | None = None,
        tx_jitter: float | None = None,
        plant: Plant | None = None,
        timing: Timing = _DEFAULT_TIMING,
        loss_level: int = WARNING,
    ) -> None:
        """Initialize without connecting.

        ``tx_message_wait`` is the minimum time between two frames sent, ``tx_jitter``
        the maximum that is added at random. A ``plant`` belongs to one client only.
        ``loss_level`` is the level at which a lost connection is logged.
        """
        self.plant = Plant() if plant is None else plant
        self.timing = timing.replace(connect_timeout, tx_message_wait, tx_jitter)
        self._tee = FrameTee()
        self._transport = Transport(self.plant, host, port, self.timing, self._tee, loss_level)
        self._poller = Poller(self._transport)
        self._writer = CommandWriter(self._transport, self._poller)

    async def __aenter__(self) -> Self:
        """Connect; an error or a cancellation leaves nothing open."""
        try:
            await self.connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    @property
    def host(self) -> str:
        """The adapter's name or address."""
        return self._transport.host

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._transport.port

    @property
    def connected(self) -> bool:
        """Whether there is a connection; its loss may not have been noticed yet."""
        return self._transport.connected

    @property
    def connections(self) -> int:
        """How many connections have been made, this one included."""
        return self._transport.connections

    @property
    def answered(self) -> bool:
        """Whether any device has responded, with a Modbus exception too."""
        return self._transport.answered_at > float("-inf")

    @property
    def corrupted_frames(self) -> int:
        """How many frames arrived damaged, those to other clients included."""
        return self._transport.corrupted_count

    @property
    def skipped(self) -> frozenset[Read]:
        """Blocks the last poll did not request, because their device is silent."""
        return self._poller.skipped

    @override
    async def connect(self) -> None:
        """Connect; an open connection is closed first.

        Raises CommunicationError, and WrongPlant if another inverter responds than
        the one that ``plant`` knows.
        """
        await self._transport.connect()

    async def close(self) -> None:
        """Close the connection; calls that wait, and later ones, raise ConnectionLost."""
        await self._transport.close()

    @override
    async def detect(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        probe_timeout: float | None = None,
        probe_retries: int | None = None,
        prior: PlantCapabilities | None = None,
        *,
        defer_optional: bool = False,
        progress: Progress | None = None,
    ) -> PlantCapabilities:
        """Detect the devices of the plant; required before polling and commands.

        With ``prior``, only its devices are requested, and PlantTopologyMismatch is raised
        if the plant differs. Must not run at the same time as polls.
        ``defer_optional`` leaves the blocks that only some firmware serves to
        :meth:`probe_blocks`, which may run beside polls.
        """
        detection = Detection(
            self._transport,
            self.timing.known.replace(timeout, retries),
            self.timing.probe.replace(probe_timeout, probe_retries),
            prior=prior,
            defer_optional=defer_optional,
            progress=progress,
        )
        try:
            found = await detection.run()
        except PlantTopologyMismatch as err:
            self.plant.capabilities = None
            self._poller.silent_devices.expect(
                address for _, address in err.prior.missing_from(err.actual)
            )
            raise
        except CommunicationError:
            await self._transport.drop()
            raise
        self._poller.silent_devices.expect(())
        self.plant.capabilities = found
        return found

    def adopt(self, capabilities: PlantCapabilities) -> None:
        """Use a known topology without checking whether its devices respond."""
        self.plant.capabilities = capabilities.normalized()

    async def resume(
        self,
        prior: PlantCapabilities,
        timeout: float | None = None,
        retries: int | None = None,
    ) -> PlantCapabilities:
        """Adopt a known topology once the inverter has identified itself, in one request.

        The devices behind it are not requested: polls show which of them are silent. Raises
        PlantTopologyMismatch where another model answers, CommunicationError where none does.
        """
        known = self.timing.known.replace(timeout, retries)
        detection = Detection(self._transport, known, self.timing.probe, prior=prior)
        self.plant.capabilities = await detection.resume()
        return self.plant.capabilities

    async def probe_blocks(
        self, probe_timeout: float | None = None, probe_retries: int | None = None
    ) -> PlantCapabilities:
        """Probe the blocks that only some firmware serves; may run beside polls.

        Nothing is removed from the known topology.
        """
        detection = Detection(
            self._transport,
            self.timing.known,
            self.timing.probe.replace(probe_timeout, probe_retries),
        )
        found = await detection.probe_blocks(self._capabilities)
        self.plant.capabilities = found
        return found

    async def rescan(
        self,
        probe_timeout: float | None = None,
        probe_retries: int | None = None,
        *,
        progress: Progress | None = None,
    ) -> PlantCapabilities:
        """Search for added devices and blocks; may run beside polls.

        Nothing is removed from the known topology.
        """
        detection = Detection(
            self._transport,
            self.timing.known,
            self.timing.probe.replace(probe_timeout, probe_retries),
            progress=progress,
        )
        found = await detection.rescan(self._capabilities)
        self.plant.capabilities = found
        return found

    @property
    def _capabilities(self) -> PlantCapabilities:
        if self.plant.capabilities is None:
            raise PlantNotDetected("call detect() first")
        return self.plant.capabilities

    @override
    async def load_config(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        *,
        max_age: float | None = None,
    ) -> Plant:
        """Read the settings, and other values that rarely change.

        Raises RefreshPartiallySucceeded or RefreshFailed if blocks are missing.
        Blocks received within ``max_age`` seconds, in responses to any client, are not requested.
        """
        policy = self.timing.config.replace(timeout, retries, retry_delay)
        return await self._poller.poll(self._capabilities.config_plan, policy, max_age)

    @override
    async def refresh(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        *,
        max_age: float | None = None,
        reads: Iterable[Read] | None = None,
    ) -> Plant:
        """Read the measurements; raises and skips as :meth:`load_config` does.

        With ``reads``, such as a :class:`PollPlan` gives, only these blocks are read.
        """
        policy = self.timing.refresh.replace(timeout, retries, retry_delay)
        plan = self._capabilities.measurement_plan if reads is None else tuple(reads)
        return await self._poller.poll(plan, policy, max_age)

    async def read_blocks(
        self,
        reads: Iterable[Read],
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> None:
        """Read certain blocks; raises as :meth:`load_config` does."""
        policy = self.timing.refresh.replace(timeout, retries, retry_delay)
        await self._poller.read(reads, policy)

    async def probe_alive(self, timeout: float | None = None, retries: int = 0) -> bool:
        """Return whether the inverter responds plausibly right now; never raises.

        If not, the connection is closed.
        """
        policy = RetryPolicy(self.timing.known.timeout if timeout is None else timeout, retries)
        try:
            answer = await self._transport.ask(IDENTITY.request, policy, probing=True)
        except CommunicationError:
            alive = False
        else:
            alive = answer.verdict is Verdict.STORED
        if not alive:
            await self._transport.drop()
        return alive

    async def send_request_and_await_response(
        self,
        request: TransparentRequest,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        warn_timeout: bool = True,
    ) -> TransparentResponse:
        """Send one request and return the answer; a write is checked as any other.

        Raises ResponseTimeout, WriteRefused, WriteNotPermitted or ConnectionLost.
        ``warn_timeout`` is False for addresses at which there may be no device.
        """
        if isinstance(request, WriteHoldingRegisterRequest):
            self._writer.check([request])
        policy = self.timing.command.replace(timeout, retries, retry_delay)
        answer = await self._transport.ask(request, policy, probing=not warn_timeout)
        return answer.response

    @overload
    async def execute(
        self,
        requests: Iterable[TransparentRequest],
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        return_exceptions: Literal[False] = False,
    ) -> list[TransparentResponse]: ...

    @overload
    async def execute(
        self,
        requests: Iterable[TransparentRequest],
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        *,
        return_exceptions: Literal[True],
    ) -> list[TransparentResponse | BaseException]: ...

    async def execute(
        self,
        requests: Iterable[TransparentRequest],
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        return_exceptions: bool = False,
    ) -> list[TransparentResponse] | list[TransparentResponse | BaseException]:
        """Send requests and return the answers in their order; writes are checked first.

        The first failure is raised while the other requests continue; with
        ``return_exceptions`` failures are returned in place of responses.
        """
        todo = list(requests)
        if writes := [
            request for request in todo if isinstance(request, WriteHoldingRegisterRequest)
        ]:
            self._writer.check(writes)
        return await asyncio.gather(
            *(
                self.send_request_and_await_response(request, timeout, retries, retry_delay)
                for request in todo
            ),
            return_exceptions=return_exceptions,
        )

    async def one_shot_command(
        self,
        requests: Iterable[TransparentRequest],
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        dry_run: bool = False,
        *,
        only_changes: bool = False,
        verify: bool = False,
    ) -> WriteReport:
        """Send a command: all of it checked first, then one write after the other.

        ``only_changes`` skips values that the inverter has already, ``verify`` reads back
        what was written, ``dry_run`` only checks. Raises WriteNotPermitted or
        PlantNotDetected with nothing sent; WriteRefused, ResponseTimeout or
        ConnectionLost stop the command and have a ``report`` of what was done.
        """
        command = tuple(requests)
        if dry_run:
            self._writer.check(command)
            return WriteReport()
        policy = self.timing.command.replace(timeout, retries, retry_delay)
        return await self._writer.send(command, policy, only_changes=only_changes, verify=verify)

    async def capture_frames(self, sink: Sink, duration: float = 60.0) -> None:
        """Pass every frame to ``sink`` for some seconds, with its direction, redacted.

        Raises RuntimeError while another capture is running.
        """
        await self._tee.watch(sink, duration)
