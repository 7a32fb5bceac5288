"""The names a request is known by in the logs and traces of every service it touches."""

import os
import re

from babyowl_chassis.telemetry import valid_traceparent

_SANE = re.compile(rb"[A-Za-z0-9._:-]{8,64}")


def request_id(offered: bytes | None) -> str:
    """The client's own id for the request if it is a sane one, else a new one."""
    if offered is not None and _SANE.fullmatch(offered):
        return offered.decode("ascii")
    return os.urandom(16).hex()


def traceparent(offered: bytes | None) -> str:
    """The client's trace context (W3C) if it is valid, else the beginning of a new trace."""
    if offered is not None and (known := valid_traceparent(offered.decode("latin-1"))):
        return known
    ids = os.urandom(24).hex()
    return f"00-{ids[:32]}-{ids[32:]}-01"
