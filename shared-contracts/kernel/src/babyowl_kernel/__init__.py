"""The words every domain model is written in. Standard library only."""

from babyowl_kernel.actor import Actor
from babyowl_kernel.aggregate import AggregateRoot, DomainEvent
from babyowl_kernel.commands import Clock, Command, NewId
from babyowl_kernel.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    RefusalKind,
    TooMany,
    Unauthenticated,
)
from babyowl_kernel.result import Err, Ok, Result
from babyowl_kernel.text import one_line

__all__ = [
    "Actor",
    "AggregateRoot",
    "Clock",
    "Command",
    "Conflict",
    "DomainEvent",
    "Err",
    "Forbidden",
    "Invalid",
    "NewId",
    "NotFound",
    "Ok",
    "Refusal",
    "RefusalKind",
    "Result",
    "TooMany",
    "Unauthenticated",
    "one_line",
]
