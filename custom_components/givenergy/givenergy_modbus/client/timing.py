"""Time-outs, retries and pacing of a client."""

import math
from dataclasses import dataclass, replace
from typing import Self


def _require(valid: bool, name: str, value: float, expected: str) -> None:
    if not valid or not math.isfinite(value):
        raise ValueError(f"{name} must be {expected}, not {value!r}")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait for a response, and how often to send a request again.

    Raises ValueError for a time-out that is not positive, and for negative retries or delays.
    """

    timeout: float
    """Seconds to wait for each response."""
    retries: int = 0
    """Attempts after the first."""
    retry_delay: float = 0.5
    """Seconds before the next attempt: a device that stops responding does so for a while."""

    def __post_init__(self) -> None:
        """Check the values."""
        _require(self.timeout > 0, "timeout", self.timeout, "positive")
        _require(self.retries >= 0, "retries", self.retries, "at least 0")
        _require(self.retry_delay >= 0, "retry_delay", self.retry_delay, "at least 0")

    def replace(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> RetryPolicy:
        """Return a copy with the given values; None keeps a value."""
        return RetryPolicy(
            self.timeout if timeout is None else timeout,
            self.retries if retries is None else retries,
            self.retry_delay if retry_delay is None else retry_delay,
        )

    def combined_with(self, other: RetryPolicy) -> RetryPolicy:
        """Return a policy that satisfies two callers waiting for the same response."""
        return RetryPolicy(
            max(self.timeout, other.timeout),
            max(self.retries, other.retries),
            min(self.retry_delay, other.retry_delay),
        )

    def scaled(self, factor: float) -> RetryPolicy:
        """Return a copy with all seconds multiplied."""
        return RetryPolicy(self.timeout * factor, self.retries, self.retry_delay * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Default time-outs, retries and pacing; tuned for real inverters.

    Those answer the requests of all clients one after the other, mostly within 0.3 s,
    and now and then only after several seconds. Raises ValueError for a connection
    time-out that is not positive, and for a negative gap or jitter.
    """

    connect_timeout: float = 2.0
    """Seconds to wait for a TCP connection."""
    gap: float = 0.25
    """Minimum seconds between two frames sent; several generations need them."""
    jitter: float = 0.0
    """Maximum seconds added to the gap at random, so that two clients fall out of step."""
    known: RetryPolicy = RetryPolicy(2.0, 3)
    """For devices that detection expects to respond."""
    probe: RetryPolicy = RetryPolicy(0.5, 1, 0.0)
    """For addresses at which there may be no device."""
    config: RetryPolicy = RetryPolicy(2.0, 3)
    """For the settings blocks."""
    refresh: RetryPolicy = RetryPolicy(2.0, 1)
    """For the measurement blocks, and for reading back what was written."""
    command: RetryPolicy = RetryPolicy(1.5, 0)
    """For writes."""

    def __post_init__(self) -> None:
        """Check the values."""
        _require(self.connect_timeout > 0, "connect_timeout", self.connect_timeout, "positive")
        _require(self.gap >= 0, "gap", self.gap, "at least 0")
        _require(self.jitter >= 0, "jitter", self.jitter, "at least 0")

    def replace(
        self,
        connect_timeout: float | None = None,
        gap: float | None = None,
        jitter: float | None = None,
    ) -> Self:
        """Return a copy with the given values; None keeps a value."""
        return replace(
            self,
            connect_timeout=self.connect_timeout if connect_timeout is None else connect_timeout,
            gap=self.gap if gap is None else gap,
            jitter=self.jitter if jitter is None else jitter,
        )

    def scaled(self, factor: float) -> Self:
        """Return a copy with all seconds multiplied."""
        return replace(
            self,
            connect_timeout=self.connect_timeout * factor,
            gap=self.gap * factor,
            jitter=self.jitter * factor,
            known=self.known.scaled(factor),
            probe=self.probe.scaled(factor),
            config=self.config.scaled(factor),
            refresh=self.refresh.scaled(factor),
            command=self.command.scaled(factor),
        )
