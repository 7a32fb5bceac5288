"""Lanes: events that would only get into each other's way wait for each other, the others do not."""

import asyncio
from collections import Counter
from uuid import UUID

from shelves import created

from babyowl_chassis.bus import Bus
from babyowl_chassis.ids import new_id
from babyowl_chassis.subscriptions import Dispatcher, Subscription
from babyowl_chassis.testing import MemoryStore, MemoryTransactions, MemoryUnitOfWork
from babyowl_contracts import Envelope
from babyowl_contracts.learning import CourseCreated


class Crowd:
    """Consumers under way at a time: most of all, and most of one lane."""

    def __init__(self) -> None:
        self.under_way: Counter[UUID] = Counter()
        self.most_of_all = 0
        self.most_of_one = 0

    async def consume(self, event: CourseCreated, envelope: Envelope) -> None:
        self.under_way[event.instructor_id] += 1
        self.most_of_all = max(self.most_of_all, self.under_way.total())
        self.most_of_one = max(self.most_of_one, *self.under_way.values())
        for _ in range(3):
            await asyncio.sleep(0)
        self.under_way[event.instructor_id] -= 1
        if event.instructor_id == UNLUCKY:
            raise RuntimeError(envelope.id)


UNLUCKY = new_id()


def dispatcher(crowd: Crowd, *, in_lanes: bool) -> Dispatcher:
    bus = Bus(MemoryTransactions(MemoryStore(), MemoryUnitOfWork), publish=lambda _: None, handlers={})
    subscription = Subscription(
        "jars.lanes",
        consume={CourseCreated: crowd.consume},
        lane=(lambda event: event.instructor_id) if in_lanes else None,
    )
    return Dispatcher(subscription, bus)


async def test_events_of_one_lane_wait_for_each_other_and_others_do_not() -> None:
    crowd, instructors = Crowd(), [new_id(), new_id()]
    lanes = dispatcher(crowd, in_lanes=True)
    await asyncio.gather(*(lanes.dispatch(created(instructor)) for instructor in instructors * 3))
    assert (crowd.most_of_one, crowd.most_of_all) == (1, 2)


async def test_without_lanes_nothing_waits() -> None:
    crowd, instructor = Crowd(), new_id()
    no_lanes = dispatcher(crowd, in_lanes=False)
    await asyncio.gather(*(no_lanes.dispatch(created(instructor)) for _ in range(3)))
    assert crowd.most_of_one == 3


async def test_a_fault_lets_the_next_of_its_lane_through() -> None:
    crowd = Crowd()
    lanes = dispatcher(crowd, in_lanes=True)
    faults = await asyncio.gather(*(lanes.dispatch(created(UNLUCKY)) for _ in range(3)), return_exceptions=True)
    assert [type(fault) for fault in faults] == [RuntimeError] * 3
    assert crowd.most_of_one == 1
