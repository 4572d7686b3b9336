"""Redact serial numbers and addresses in any text: captures, dumps, logs, JSON."""

from .document import redact_any_text

__all__ = ["redact_any_text"]
