"""Players to rows and back."""

from uuid import UUID

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows
from gamification.domain.player import PlayerProfile
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.streaks import ActiveDays, Run
from gamification.domain.values import Alias, Deed, Source, Visibility, WeeklyXp, XpTransaction
from gamification.infrastructure.tables.players import (
    ActiveRunRow,
    DeedRow,
    PlayerRow,
    WeeklyXpRow,
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
                "reached_at": player.reached_at,
                "announced_level": player.announced_level,
                "leaderboard": player.leaderboard.value,
                "alias": player.alias.text if player.alias else None,
                "alias_key": player.alias.key if player.alias else None,
            }
        ],
        DeedRow: [_deed_to_row(player.id, deed) for deed in player.deeds.values()],
        XpTransactionRow: [_transaction_to_row(player.id, each) for each in player.transactions],
        WeeklyXpRow: [
            {"player_id": player.id, "week": week, "xp": weekly.xp, "reached_at": weekly.reached_at}
            for week, weekly in player.weeks.items()
        ],
        ActiveRunRow: [
            {"player_id": player.id, "first_day": run.first, "last_day": run.last, "days": run.days}
            for run in player.active_days.runs
        ],
    }


def player_from_rows(rows: Rows) -> PlayerProfile:
    """The player that these rows make: whole, or the part that was asked for."""
    [root] = rows[PlayerRow]
    deeds = [_deed_from_row(row) for row in rows.get(DeedRow, ())]
    return PlayerProfile(
        id=root["id"],
        version=root["version"],
        total_xp=root["total_xp"],
        reached_at=root["reached_at"],
        announced_level=root["announced_level"],
        leaderboard=Visibility(root["leaderboard"]),
        alias=Alias(root["alias"]) if root["alias"] is not None else None,
        deeds={deed.source: deed for deed in deeds},
        transactions=[_transaction_from_row(row) for row in rows.get(XpTransactionRow, ())],
        weeks={row["week"]: WeeklyXp(row["xp"], row["reached_at"]) for row in rows.get(WeeklyXpRow, ())},
        active_days=ActiveDays(Run(row["first_day"], row["last_day"]) for row in rows.get(ActiveRunRow, ())),
    )


def _deed_to_row(player_id: UUID, deed: Deed) -> Row:
    return {
        "player_id": player_id,
        "source_kind": deed.source.kind.value,
        "source_id": deed.source.id,
        "outcome": deed.outcome.value,
        "revision": deed.revision,
        "active": deed.active,
        "day": deed.day,
        "week": deed.week,
        "happened_at": deed.happened_at,
    }


def _deed_from_row(row: Row) -> Deed:
    return Deed(
        source=_source_of(row),
        outcome=Outcome(row["outcome"]),
        revision=row["revision"],
        day=row["day"],
        week=row["week"],
        happened_at=row["happened_at"],
    )


def _transaction_to_row(player_id: UUID, transaction: XpTransaction) -> Row:
    return {
        "id": transaction.id,
        "player_id": player_id,
        "source_kind": transaction.source.kind.value,
        "source_id": transaction.source.id,
        "rule": transaction.rule,
        "revision": transaction.revision,
        "reversal": transaction.reversal,
        "amount": transaction.amount,
        "earned_on": transaction.earned_on,
        "week": transaction.week,
        "recorded_at": transaction.recorded_at,
    }


def _transaction_from_row(row: Row) -> XpTransaction:
    return XpTransaction(
        id=row["id"],
        source=_source_of(row),
        rule=row["rule"],
        revision=row["revision"],
        amount=row["amount"],
        earned_on=row["earned_on"],
        week=row["week"],
        recorded_at=row["recorded_at"],
    )


def _source_of(row: Row) -> Source:
    return Source(SourceKind(row["source_kind"]), row["source_id"])


PLAYERS = AggregateMapping(
    root=PlayerRow,
    children={
        DeedRow: "player_id",
        XpTransactionRow: "player_id",
        WeeklyXpRow: "player_id",
        ActiveRunRow: "player_id",
    },
    to_rows=player_to_rows,
    from_rows=player_from_rows,
)
