"""What learners could do and when, in memory: the plainest way to say what the statements in SQL have to answer."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.testing import MemoryUnitOfWork
from gamification.domain.calendar import day_of, zone_or
from gamification.domain.curriculum import Concerned, PublishedLesson
from gamification.domain.facts import facts_of
from gamification.domain.player import PlayerProfile
from gamification.domain.quests import Opportunities, Period
from gamification.domain.repositories import Zones
from gamification.domain.rules import SourceKind
from gamification.domain.zones import ZoneHistory


class MemoryCurriculum:
    """Facts in lists, each question answered from all of them."""

    def __init__(self, uow: MemoryUnitOfWork, zones: Zones) -> None:
        self._uow = uow
        self._zones = zones

    async def note_seat(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int, at: datetime
    ) -> None:
        self._uow.append("seat_changes", (sequence, at, class_id, course_id, student_id, active))

    async def note_lessons(
        self,
        class_id: UUID,
        lesson_ids: tuple[UUID, ...],
        student_id: UUID | None,
        *,
        are_open: bool,
        sequence: int,
        at: datetime,
    ) -> None:
        for lesson_id in lesson_ids:
            self._uow.append("lesson_locks", (sequence, at, class_id, lesson_id, student_id, are_open))

    async def note_publication(
        self, course_id: UUID, revision: int, lessons: tuple[PublishedLesson, ...], *, is_open: bool, at: datetime
    ) -> bool:
        self._uow.append("publications", (revision, at, course_id, lessons, is_open))
        return any(known[4] for known in self._known("publications") if known[2] == course_id)

    async def note_series(
        self, class_id: UUID, meetings: Mapping[UUID, datetime], *, time_zone: str | None, at: datetime
    ) -> None:
        if time_zone is not None:
            self._uow.append("class_zones", (class_id, time_zone))
        self._uow.append("series", (at, class_id))
        for meeting_id, starts_at in meetings.items():
            await self.note_meeting(class_id, meeting_id, starts_at, cancelled=False, at=at)

    async def note_meeting(
        self, class_id: UUID, meeting_id: UUID, starts_at: datetime, *, cancelled: bool, at: datetime
    ) -> None:
        self._uow.append("meetings", (at, cancelled, starts_at, class_id, meeting_id))

    async def note_end(self, class_id: UUID, *, at: datetime) -> None:
        self._uow.append("ends", (at, class_id))

    async def meeting_days(self, class_id: UUID, *, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        zone = zone_or(dict(self._known("class_zones")).get(class_id), otherwise)
        planned_at = max((at for at, whose in self._known("series") if whose == class_id), default=None)
        ended_at = min((at for at, whose in self._known("ends") if whose == class_id), default=None)
        latest = {
            meeting_id: (noted_at, cancelled, starts_at)
            for noted_at, cancelled, starts_at, whose, meeting_id in sorted(self._known("meetings"))
            if whose == class_id
        }
        return {
            meeting_id: day_of(starts_at, zone)
            for meeting_id, (noted_at, cancelled, starts_at) in latest.items()
            if not cancelled
            and (planned_at is None or noted_at >= planned_at)
            and (ended_at is None or starts_at <= ended_at)
        }

    async def overtaken(self, concerned: Concerned, *, at: datetime, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        first: dict[UUID, date] = {}
        for player in await self._players():
            if not self._concerns(concerned, player.id):
                continue
            zones = ZoneHistory(await self._zones.of(player.id), otherwise)
            begun = [day for day in self._days_of(player) if zones.begins(day) > at]
            if begun:
                first[player.id] = min(begun)
        return first

    async def active_since(self, class_id: UUID, day: date) -> Collection[UUID]:
        return {
            player.id
            for player in await self._players()
            if self._concerns(Concerned(class_id=class_id), player.id)
            and any(each >= day for each in self._days_of(player))
        }

    async def opportunities(
        self, player_id: UUID, period: Period, *, begins_at: datetime, otherwise: ZoneInfo
    ) -> Opportunities:
        seats = {
            class_id: active
            for _, at, class_id, _, student_id, active in sorted(self._known("seat_changes"), key=_in_order)
            if student_id == player_id and at < begins_at
        }
        attended = [class_id for class_id, active in seats.items() if active]
        locks = {
            (class_id, lesson_id, student_id): is_open
            for _, at, class_id, lesson_id, student_id, is_open in sorted(self._known("lesson_locks"), key=_in_order)
            if class_id in attended and student_id in (None, player_id) and at < begins_at
        }
        unlocked = {lesson_id for (_, lesson_id, _), is_open in locks.items() if is_open}
        latest: dict[UUID, tuple[tuple[PublishedLesson, ...], bool]] = {
            course_id: (lessons, is_open)
            for _, at, course_id, lessons, is_open in sorted(self._known("publications"), key=_in_order)
            if at < begins_at
        }
        lessons = [
            lesson
            for lessons, is_open in latest.values()
            for lesson in lessons
            if is_open or lesson.lesson_id in unlocked
        ]
        done = await self._done_before(player_id, period.starts_on)
        kinds = Counter(
            kind
            for lesson in lessons
            for exercise_id, kind in lesson.exercises
            if (SourceKind.EXERCISE, exercise_id) not in done
        )
        days = [day for each in attended for day in (await self.meeting_days(each, otherwise=otherwise)).values()]
        return Opportunities(
            exercises=kinds.total(),
            readings=kinds["reading"],
            quizzes=kinds["quiz"],
            coding_exercises=kinds["coding"],
            lessons=sum(
                bool(lesson.exercises) and (SourceKind.LESSON, lesson.lesson_id) not in done for lesson in lessons
            ),
            meetings=sum(period.starts_on <= day <= period.ends_on for day in days),
        )

    def _known(self, table: str) -> list[Any]:
        """What is committed, and what this transaction has added."""
        added = [fact for name, fact in self._uow.appended if name == table]
        return list(dict.fromkeys([*self._uow.store.facts.get(table, []), *added]))

    def _concerns(self, concerned: Concerned, student_id: UUID) -> bool:
        if concerned.student_id is not None:
            return concerned.student_id == student_id
        seats = [(fact[2], fact[3]) for fact in self._known("seat_changes") if fact[4] == student_id]
        return concerned == Concerned() or any(
            concerned in (Concerned(class_id=class_id), Concerned(course_id=course_id))
            for class_id, course_id in seats
        )

    async def _players(self) -> Iterable[PlayerProfile]:
        return list(self._uow.store.aggregates.get(PlayerProfile, {}).values())  # type: ignore[arg-type]

    def _days_of(self, player: PlayerProfile) -> set[date]:
        return {*player.days, *(quest.starts_on for quest in player.quests.values())}

    async def _done_before(self, player_id: UUID, day: date) -> set[tuple[SourceKind, UUID]]:
        return {
            (deed.source.kind, deed.source.id)
            for player in await self._players()
            if player.id == player_id
            for deed in player.deeds.values()
            if deed.day < day and facts_of(deed)
        }


def _in_order(fact: tuple[Any, ...]) -> Any:
    return fact[0]
