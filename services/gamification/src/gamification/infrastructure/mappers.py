"""Players to rows and back."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows
from gamification.domain.badges import BadgeRevocation
from gamification.domain.days import Day, Standing
from gamification.domain.facts import Fact, Tally, facts_of
from gamification.domain.player import PlayerProfile
from gamification.domain.quests import Cadence, PlayerQuest
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.streaks import Streak, Streaks
from gamification.domain.values import Deed, Source, XpTransaction
from gamification.infrastructure.tables.players import (
    BadgeRevocationRow,
    BadgeRow,
    DayRow,
    DeedRow,
    PlayerRow,
    QuestRow,
    XpTransactionRow,
)


def player_to_rows(player: PlayerProfile) -> Rows:
    """The rows of a player, as far as it is loaded."""
    return {
        PlayerRow: [
            {
                "id": player.id,
                "version": player.version,
                "total_xp": player.total_xp,
                "announced_level": player.announced_level,
                "told_streak": player.told_streak and _streak_to_json(player.told_streak),
                "rolls_over_at": player.rolls_over_at,
            }
        ],
        DeedRow: [_deed_to_row(player.id, deed) for deed in player.deeds.values()],
        DayRow: [_day_to_row(player.id, day) for day in player.days.values()],
        XpTransactionRow: [_transaction_to_row(player.id, line) for line in player.transactions],
        QuestRow: [_quest_to_row(player.id, quest) for quest in player.quests.values()],
        BadgeRow: [
            {"player_id": player.id, "badge": badge, "earned_on": day} for badge, day in player.badges.items()
        ],
        BadgeRevocationRow: [
            {
                "player_id": player.id,
                "badge": revocation.badge,
                "reason": revocation.reason,
                "revoked_by": revocation.revoked_by,
                "revoked_at": revocation.revoked_at,
            }
            for revocation in player.revocations.values()
        ],
    }


def player_from_rows(rows: Rows) -> PlayerProfile:
    """The player that these rows make: whole, or the part that was asked for."""
    [root] = rows[PlayerRow]
    deeds = [_deed_from_row(row) for row in rows.get(DeedRow, ())]
    days = [_day_from_row(row) for row in rows.get(DayRow, ())]
    quests = [quest_from_row(row) for row in rows.get(QuestRow, ())]
    return PlayerProfile(
        id=root["id"],
        version=root["version"],
        total_xp=root["total_xp"],
        announced_level=root["announced_level"],
        told_streak=root["told_streak"] and _streak_from_json(root["told_streak"]),
        rolls_over_at=root["rolls_over_at"],
        deeds={deed.source: deed for deed in deeds},
        days={day.day: day for day in days},
        transactions=[_transaction_from_row(row) for row in rows.get(XpTransactionRow, ())],
        quests={(quest.period, quest.quest): quest for quest in quests},
        badges={row["badge"]: row["earned_on"] for row in rows.get(BadgeRow, ())},
        revocations={
            row["badge"]: BadgeRevocation(row["badge"], row["reason"], row["revoked_by"], row["revoked_at"])
            for row in rows.get(BadgeRevocationRow, ())
        },
    )


def _streak_to_json(streak: Streak) -> dict[str, Any]:
    last, frozen = streak.last_active_on, streak.frozen_on
    days = {"last_active_on": last and last.isoformat(), "frozen_on": [day.isoformat() for day in frozen]}
    return asdict(streak) | days


def _streak_from_json(value: dict[str, Any]) -> Streak:
    last, frozen = value["last_active_on"], value["frozen_on"]
    days = {"last_active_on": last and date.fromisoformat(last), "frozen_on": tuple(map(date.fromisoformat, frozen))}
    return Streak(**value | days)


def _deed_to_row(player_id: UUID, deed: Deed) -> Row:
    return {
        "player_id": player_id,
        "source_kind": deed.source.kind.value,
        "source_id": deed.source.id,
        "outcome": deed.outcome.value,
        "revision": deed.revision,
        "course_id": deed.course_id,
        "class_id": deed.class_id,
        "exercise_kind": deed.exercise_kind,
        "score_percent": deed.score_percent,
        "happened_at": deed.happened_at,
        "zone": deed.zone,
        "day": deed.day,
        "counts_on": deed.counts_on,
        "xp": deed.xp,
        "active": bool(facts_of(deed)),
    }


def _deed_from_row(row: Row) -> Deed:
    return Deed(
        source=_source_of(row),
        outcome=Outcome(row["outcome"]),
        revision=row["revision"],
        course_id=row["course_id"],
        class_id=row["class_id"],
        exercise_kind=row["exercise_kind"],
        score_percent=row["score_percent"],
        happened_at=row["happened_at"],
        zone=row["zone"],
        day=row["day"],
        counts_on=row["counts_on"],
        xp=row["xp"],
    )


def _day_to_row(player_id: UUID, day: Day) -> Row:
    return {
        "player_id": player_id,
        "day": day.day,
        "tally": _tally_to_json(day.tally),
        "first_at": day.first_at,
        "last_at": day.last_at,
        "first_zone": day.first_zone,
        "last_zone": day.last_zone,
        "counts_on": day.counts_on,
        "xp": day.xp,
        "standing": {"totals": _tally_to_json(day.after.totals), "streaks": day.after.streaks.as_json()},
    }


def _day_from_row(row: Row) -> Day:
    return Day(
        day=row["day"],
        tally=_tally_from_json(row["tally"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        first_zone=row["first_zone"],
        last_zone=row["last_zone"],
        counts_on=row["counts_on"],
        xp=row["xp"],
        after=standing_from_json(row["standing"]),
    )


def standing_from_json(value: Any) -> Standing:
    """A standing, as it is kept beside its day."""
    return Standing(totals=_tally_from_json(value["totals"]), streaks=Streaks.from_json(value["streaks"]))


def _tally_to_json(tally: Tally) -> dict[str, int]:
    return {fact.value: number for fact, number in tally.items()}


def _tally_from_json(value: Any) -> Tally:
    return {Fact(fact): number for fact, number in value.items()}


def _transaction_to_row(player_id: UUID, transaction: XpTransaction) -> Row:
    return {
        "id": transaction.id,
        "player_id": player_id,
        "source_kind": transaction.source.kind.value,
        "source_id": transaction.source.id,
        "rule": transaction.rule,
        "number": transaction.number,
        "amount": transaction.amount,
        "earned_on": transaction.earned_on,
        "counts_on": transaction.counts_on,
        "course_id": transaction.course_id,
        "recorded_at": transaction.recorded_at,
    }


def _transaction_from_row(row: Row) -> XpTransaction:
    return XpTransaction(
        id=row["id"],
        source=_source_of(row),
        rule=row["rule"],
        number=row["number"],
        amount=row["amount"],
        earned_on=row["earned_on"],
        counts_on=row["counts_on"],
        course_id=row["course_id"],
        recorded_at=row["recorded_at"],
    )


def _quest_to_row(player_id: UUID, quest: PlayerQuest) -> Row:
    return {
        "player_id": player_id,
        "cadence": quest.cadence.value,
        "starts_on": quest.starts_on,
        "quest": quest.quest,
        "fact": quest.fact.value,
        "target": quest.target,
        "xp": quest.xp,
        "progress": quest.progress,
        "completed_on": quest.completed_on,
    }


def quest_from_row(row: Row) -> PlayerQuest:
    """The quest that a row makes."""
    return PlayerQuest(
        quest=row["quest"],
        cadence=Cadence(row["cadence"]),
        starts_on=row["starts_on"],
        fact=Fact(row["fact"]),
        target=row["target"],
        xp=row["xp"],
        progress=row["progress"],
        completed_on=row["completed_on"],
    )


def _source_of(row: Row) -> Source:
    return Source(SourceKind(row["source_kind"]), row["source_id"])


PLAYERS = AggregateMapping(
    root=PlayerRow,
    children={
        DeedRow: "player_id",
        DayRow: "player_id",
        XpTransactionRow: "player_id",
        QuestRow: "player_id",
        BadgeRow: "player_id",
        BadgeRevocationRow: "player_id",
    },
    to_rows=player_to_rows,
    from_rows=player_from_rows,
)
