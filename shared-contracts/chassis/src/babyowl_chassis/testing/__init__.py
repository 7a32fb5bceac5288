"""What the tests of services stand on."""

from babyowl_chassis.testing.acquaintances import acquaint
from babyowl_chassis.testing.clock import TurnableClock
from babyowl_chassis.testing.databases import fresh_database, fresh_pool
from babyowl_chassis.testing.eventually import eventually
from babyowl_chassis.testing.memory import MemoryRepository, MemoryStore, MemoryTransactions, MemoryUnitOfWork
from babyowl_chassis.testing.outcomes import answered, granted, refusal, refused
from babyowl_chassis.testing.round_trip import assert_rows_round_trip
from babyowl_chassis.testing.serving import Serving, assert_migrations_match, recorded, serving

__all__ = [
    "MemoryRepository",
    "MemoryStore",
    "MemoryTransactions",
    "MemoryUnitOfWork",
    "Serving",
    "TurnableClock",
    "acquaint",
    "answered",
    "assert_migrations_match",
    "assert_rows_round_trip",
    "eventually",
    "fresh_database",
    "fresh_pool",
    "granted",
    "recorded",
    "refusal",
    "refused",
    "serving",
]
