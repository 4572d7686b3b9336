"""Which responses to believe; corroboration.py holds the one rule for all guards."""

from .page import Page, Reason, Verdict

__all__ = ["Page", "Reason", "Verdict"]
