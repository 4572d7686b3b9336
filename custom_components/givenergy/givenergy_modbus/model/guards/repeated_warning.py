"""Log what is wrong with a block once, and again only now and then."""

from dataclasses import dataclass
from logging import DEBUG, INFO, WARNING, getLogger

from ..plan import Block
from .page import Page, Reason
from .page_guard import Refusal

_LOGGER = getLogger(__name__)

_REPEAT_AFTER = 300.0
"""Seconds until a warning about the same thing is logged again."""

_MOST = 512
"""How many blocks are remembered; other clients may ask for any."""


@dataclass(slots=True)
class _RepeatedWarning:
    """What is wrong with one block again and again."""

    what: str
    level: int
    logged_at: float
    times: int


class RepeatedWarnings:
    """The warnings of a plant, by block."""

    def __init__(self) -> None:
        """Start with nothing logged."""
        self._known: dict[tuple[int, Block], _RepeatedWarning] = {}

    def warn(self, page: Page, refusal: Refusal, at: float) -> None:
        """Log why a page was refused, the first time and every five minutes."""
        key = (page.device_address, page.block)
        known, level, what = self._known.get(key), _level(refusal), str(refusal)
        if known is not None and known.what == what and at - known.logged_at < _REPEAT_AFTER:
            known.times += 1
            level = DEBUG
        else:
            times = 1 if known is None else known.times + 1
            self._known[key] = _RepeatedWarning(what, level, at, times)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        _LOGGER.log(level, "%s not believed (%s)", page, what)

    def clear(self, page: Page) -> None:
        """Log that a block that was refused several times is believed again."""
        known = self._known.pop((page.device_address, page.block), None)
        if known is not None and known.times > 1:
            _LOGGER.log(
                known.level, "%s believed again, after %d times %s", page, known.times, known.what
            )


def _level(refusal: Refusal) -> int:
    if refusal.reason is Reason.SERIAL:
        return DEBUG
    return INFO if refusal.single or refusal.reason is Reason.ZEROS else WARNING
