"""State machines that drive the academy beside a model of it, over either store, and what they have survived."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from babyowl_chassis.testing import fresh_pool
from class_management.bootstrap import service

from .school import InPostgres, Store

T = TypeVar("T")


class Driven(RuleBasedStateMachine):
    """Rules that Hypothesis calls from outside of any event loop; what they await runs on a loop of their own.

    A machine counts what it has survived, its `sequences` among it.
    """

    runner: asyncio.Runner
    store: Callable[[], Store]
    survived: Counter[str]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


def survive(
    machine: type[Driven], store: Callable[[], Store], runner: asyncio.Runner, *, examples: int, steps: int
) -> str:
    """Run so many sequences of so many orders; what has been survived, in words."""
    survived = Counter[str]()
    bound = type(machine.__name__, (machine,), {"runner": runner, "store": staticmethod(store), "survived": survived})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )
    assert survived["sequences"] >= examples
    return ", ".join(f"{count} {what}" for what, count in sorted(survived.items()))


@contextmanager
def on_postgres(admin_url: str) -> Iterator[tuple[Callable[[], Store], asyncio.Runner]]:
    """An empty database, and a loop of its own."""
    with asyncio.Runner() as runner:
        opened = fresh_pool(service, admin_url)
        pool = runner.run(opened.__aenter__())
        try:
            yield lambda: InPostgres(pool), runner
        finally:
            runner.run(opened.__aexit__(None, None, None))
