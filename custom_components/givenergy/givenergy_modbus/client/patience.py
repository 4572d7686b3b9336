"""How long to wait for what, and how often to ask again."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self


class Budget(NamedTuple):
    """What one question may cost: seconds for each answer, and further attempts."""

    timeout: float
    retries: int = 0
    retry_delay: float = 0.5
    """Seconds before asking again: a device that has fallen silent does so for a while."""

    def but(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> Budget:
        """Return the budget with whatever is given in place of its own."""
        return Budget(
            self.timeout if timeout is None else timeout,
            self.retries if retries is None else retries,
            self.retry_delay if retry_delay is None else retry_delay,
        )

    def joined_by(self, other: Budget) -> Budget:
        """Return a budget that is enough for both of two callers with one question."""
        return Budget(
            max(self.timeout, other.timeout),
            max(self.retries, other.retries),
            min(self.retry_delay, other.retry_delay),
        )

    def scaled(self, factor: float) -> Budget:
        """Return the budget with all its seconds multiplied."""
        return Budget(self.timeout * factor, self.retries, self.retry_delay * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a client does when it is not told; the seconds suit real inverters.

    They answer everybody's requests one after the other, mostly within 0.3 s, and
    now and then not for several seconds.
    """

    connect_timeout: float = 2.0
    gap: float = 0.25
    """Seconds from one frame sent to the next, at least; several generations need them."""
    jitter: float = 0.0
    """Seconds the gap may be longer at random, so that two clients fall out of step."""
    known: Budget = Budget(2.0, 3)
    """For devices that should be there, in detection."""
    probe: Budget = Budget(0.5, 1, 0.0)
    """For addresses where there may be nothing."""
    config: Budget = Budget(2.0, 3)
    refresh: Budget = Budget(2.0, 1)
    command: Budget = Budget(1.5, 0)

    def but(
        self,
        connect_timeout: float | None = None,
        gap: float | None = None,
        jitter: float | None = None,
    ) -> Self:
        """Return the patience with whatever is given in place of its own."""
        return replace(
            self,
            connect_timeout=self.connect_timeout if connect_timeout is None else connect_timeout,
            gap=self.gap if gap is None else gap,
            jitter=self.jitter if jitter is None else jitter,
        )

    def scaled(self, factor: float) -> Self:
        """Return the same patience with all its seconds multiplied."""
        return type(self)(
            connect_timeout=self.connect_timeout * factor,
            gap=self.gap * factor,
            jitter=self.jitter * factor,
            known=self.known.scaled(factor),
            probe=self.probe.scaled(factor),
            config=self.config.scaled(factor),
            refresh=self.refresh.scaled(factor),
            command=self.command.scaled(factor),
        )
