"""The one rule by which every guard believes what it doubts.

A guard only finds what is doubtful in a page. What follows is decided here, for pages
and for single fields alike:

- **Held**: what deviates from a corroborated baseline, and what is not plausible by
  itself. The last believed values stay.
- **Released** by corroboration: a page at least 10 s later that differs in some word
  and has the same values where it was doubted, or the same page for 180 s. A page with
  other values there starts again.
- An **uncorroborated baseline rejects nothing**: the first page is stored if it is
  plausible by itself, and the next one that deviates replaces it. A baseline that was
  not heard of for longer than polls are apart is uncorroborated again.
- **At the latest** after 8 pages in a row and 240 s the next page is stored, with any
  content: values that persist are accepted within 5 minutes or 10 polls.
"""

from collections.abc import Callable
from typing import NamedTuple

from .page import Page

LATER = 10.0
"""Seconds until another page proves anything: before, it may be the same one again."""

UNCHANGED = 180.0
"""Seconds an identical page has to be served; a spliced one was, for 102 s."""

LATEST = 240.0
"""Seconds after which doubt ends, even if the pages contradict each other."""

LATEST_PAGES = 8
"""How many pages in a row it takes besides."""

GAP = 300.0
"""Seconds without a page after which any change is possible, at the least."""

MISSED = 2.5
"""How many intervals without a page come to the same."""

_LONGEST_GAP = 3600.0


class Sighting(NamedTuple):
    """A page and when it was received."""

    page: Page
    at: float
    """Seconds of the monotonic clock."""


class GuardState(NamedTuple):
    """What is remembered of a block, or of one field, to judge the next page."""

    baseline: Sighting | None = None
    """The page that began what is believed; None if nothing is."""
    corroborated: bool = False
    """Whether a second page confirmed it."""
    stored_at: float | None = None
    """When a page was last believed."""
    seen_at: float | None = None
    """When a page was last received, believed or not."""
    gap: float = 0.0
    """Seconds between the last two pages received."""
    candidate: Sighting | None = None
    """The first page with the values that are doubted now."""
    refused: int = 0
    """How many pages in a row were refused."""
    refused_since: float = 0.0

    def seen(self, at: float, interval: float) -> GuardState:
        """Return the state once a page was received, with a baseline no older than it may be."""
        if self.seen_at is None:
            return self._replace(seen_at=at)
        gap = max(at - self.seen_at, 0.0)
        stale = gap > max(GAP, MISSED * interval, MISSED * self.gap)
        return self._replace(
            seen_at=at,
            gap=min(gap, _LONGEST_GAP),
            corroborated=self.corroborated and not stale,
        )

    def since_stored(self, at: float) -> float:
        """Return the seconds since a page was last believed."""
        return 0.0 if self.stored_at is None else max(at - self.stored_at, 0.0)


class Decision(NamedTuple):
    """Whether to believe a page, and what to remember."""

    believed: bool
    state: GuardState


def corroborates(earlier: Sighting, now: Sighting) -> bool:
    """Return whether a page with the same values as an earlier one corroborates it."""
    wait = LATER if now.page.differs(earlier.page) else UNCHANGED
    return now.at - earlier.at >= wait


def decide(
    state: GuardState,
    now: Sighting,
    *,
    doubted: bool,
    repeats: Callable[[Sighting], bool],
    elsewhere: Callable[[Sighting], bool] = lambda _: False,
    implausible: bool = False,
    may_store: bool = True,
) -> Decision:
    """Return whether to believe a page, or a field in it.

    ``repeats`` returns whether an earlier page had the same values where it is doubted,
    ``elsewhere`` whether that one is doubted only for registers outside of this page, and
    ``implausible`` means that it takes no baseline to doubt it. Without ``may_store``
    the page is refused for another reason, and counts as evidence only.
    """
    if not doubted:
        return _undoubted(state, now, may_store, elsewhere)
    if not state.corroborated and not implausible and may_store:
        return Decision(True, _stored(state, now, corroborated=False))
    candidate = state.candidate
    if candidate is None or not repeats(candidate):
        candidate = now
    elif may_store and corroborates(candidate, now):
        stored = _stored(state, candidate, corroborated=True)
        is_part = not now.page.block.covers(candidate.page.block)
        return Decision(True, _with_rest(stored, state) if is_part else stored)
    since = now.at if state.refused == 0 else state.refused_since
    if may_store and state.refused + 1 >= LATEST_PAGES and now.at - since >= LATEST:
        return Decision(True, _stored(state, now, corroborated=False))
    return Decision(
        False,
        state._replace(candidate=candidate, refused=state.refused + 1, refused_since=since),
    )


def _undoubted(
    state: GuardState, now: Sighting, may_store: bool, elsewhere: Callable[[Sighting], bool]
) -> Decision:
    if not may_store:
        return Decision(False, state._replace(candidate=None, refused=0))
    baseline = state.baseline or now
    corroborated = state.corroborated or corroborates(baseline, now)
    stored = _stored(state, baseline, corroborated=corroborated)
    keep = state.candidate is not None and elsewhere(state.candidate)
    return Decision(True, _with_rest(stored, state) if keep else stored)


def _stored(state: GuardState, baseline: Sighting, *, corroborated: bool) -> GuardState:
    return state._replace(
        baseline=baseline,
        corroborated=corroborated,
        stored_at=state.seen_at,
        candidate=None,
        refused=0,
    )


def _with_rest(stored: GuardState, before: GuardState) -> GuardState:
    """Return the state after a part of a page was stored: the doubts about the rest stay."""
    return stored._replace(
        candidate=before.candidate, refused=before.refused, refused_since=before.refused_since
    )
