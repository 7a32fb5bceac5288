"""One line for every request, in the same JSON as all other lines of the log.

Apart from the general logger because it is on every request's way: 10 µs a line instead of 30.
"""

import sys
from collections.abc import Callable
from typing import Any

import structlog

Note = Callable[..., None]


def access_log(level: str) -> Note:
    """Writes a line with the given fields to standard output, unless `level` is above INFO."""
    logger: Any = structlog.wrap_logger(
        structlog.WriteLogger(sys.stdout),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    note: Note = logger.bind(service="gateway").info
    return note
