"""People and classes as the running service knows them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import httpx

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import Serving, acquaint
from babyowl_contracts import Envelope
from gamification.application.commands.close_period import ClosePeriod
from gamification.application.commands.seat_newcomers import SeatNewcomers
from gamification.domain.periods import ClosingPeriod
from gamification.infrastructure.aliases import load_words

from .reports import class_created, enrolled, exercise


def to_strangers(student_id: UUID) -> str:
    """What those read who do not know this student, while no alias is chosen."""
    return load_words().of_player(student_id).text


@dataclass
class Academy:
    """A running service, and the people it has been told of."""

    served: Serving

    async def person(
        self,
        name: str = "Ada",
        *,
        role: str = "student",
        status: str = "active",
        zone: str = "UTC",
        avatar_url: str | None = None,
    ) -> UUID:
        """Somebody whom Identity has told us about."""
        return await acquaint(
            self.served.resources.database,
            name=name,
            role=role,
            status=status,
            time_zone=zone,
            avatar_url=avatar_url,
        )

    async def hear(self, *told: Envelope) -> None:
        """Other contexts tell of something, with the times and numbers it came about with."""
        for each in told:
            await self.served.deliver(
                each.data, subject=each.subject, id=each.id, sequence=each.aggregateseq, at=each.time
            )

    async def learner(self, name: str, exercises: int, *, at: datetime | None = None) -> UUID:
        """A student with a seat and so many exercises done; the last of them at this moment."""
        student_id = await self.person(name)
        await self.class_of(student_id)
        await self.practise(student_id, exercises, at=at)
        return student_id

    async def practise(self, student_id: UUID, exercises: int, *, at: datetime | None = None) -> None:
        """The student completes exercises, one a second; the last of them at this moment."""
        last = at or utc_now()
        for before in range(exercises):
            await self.served.deliver(exercise(student_id, last - timedelta(seconds=before)))

    async def class_of(self, *students: UUID, instructor_id: UUID | None = None) -> UUID:
        """A class with these students."""
        class_id = new_id()
        await self.served.deliver(class_created(class_id, instructor_id or new_id()))
        for student_id in students:
            await self.served.deliver(enrolled(class_id, student_id))
        return class_id

    async def close(self, period: ClosingPeriod) -> None:
        """The period closes now, as if its time had come."""
        await self.served.running.parts.bus.execute(ClosePeriod(period))

    async def seat_newcomers(self, week: date) -> None:
        """Who has points comes to a league."""
        await self.served.running.parts.bus.execute(SeatNewcomers(week))

    def student(self, student_id: UUID) -> httpx.AsyncClient:
        """A client signed in as this student."""
        return self.served.as_("student", student_id)

    async def hide(self, student_id: UUID) -> None:
        """The student leaves the leaderboards."""
        await self._choose(student_id, leaderboard="hidden")

    async def call(self, student_id: UUID, alias: str) -> None:
        """The student goes by an alias."""
        await self._choose(student_id, alias=alias)

    async def _choose(self, student_id: UUID, **chosen: str) -> None:
        response = await self.student(student_id).patch("/api/v1/players/me", json=chosen)
        assert response.status_code == 200, response.text
