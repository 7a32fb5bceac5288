"""How learners appear, on Postgres."""

from uuid import UUID

from sqlalchemy import bindparam, exists, select

from babyowl_chassis.sql import Statement
from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows, SqlRepository
from gamification.domain.appearance import AliasRemoval, PlayerAppearance
from gamification.domain.values import Alias, Visibility
from gamification.infrastructure.tables import metadata
from gamification.infrastructure.tables.boards import AliasRemovalRow, AppearanceRow
from gamification.queries.faces import SHORT_NAME

# Capitals are what most letters that read alike have in common; ICU knows them in whatever locale the database is.
_IS_NAME_OF_ANOTHER = f"""
SELECT EXISTS (
    SELECT FROM people, LATERAL (VALUES (display_name), ({SHORT_NAME})) AS called (name)
    WHERE upper(normalize(name, NFKC) COLLATE "und-x-icu") = upper(normalize($1, NFKC) COLLATE "und-x-icu")
        AND id <> $2
)
"""  # noqa: S608  the only thing put in is a constant

_removals = metadata.tables["alias_removals"]


def appearance_to_rows(appearance: PlayerAppearance) -> Rows:
    """The rows of an appearance."""
    alias = appearance.alias
    return {
        AppearanceRow: [
            {
                "id": appearance.id,
                "version": appearance.version,
                "leaderboard": appearance.leaderboard.value,
                "alias": alias.text if alias else None,
                "alias_key": alias.key if alias else None,
            }
        ],
        AliasRemovalRow: [_removal_to_row(appearance.id, removal) for removal in appearance.removals],
    }


def appearance_from_rows(rows: Rows) -> PlayerAppearance:
    """The appearance that these rows make."""
    [root] = rows[AppearanceRow]
    removals = [_removal_from_row(row) for row in rows.get(AliasRemovalRow, ())]
    return PlayerAppearance(
        id=root["id"],
        version=root["version"],
        leaderboard=Visibility(root["leaderboard"]),
        alias=Alias(root["alias"]) if root["alias"] is not None else None,
        removals=sorted(removals, key=lambda removal: removal.removed_at),
    )


def _removal_to_row(player_id: UUID, removal: AliasRemoval) -> Row:
    return {
        "player_id": player_id,
        "alias_key": removal.alias.key,
        "alias": removal.alias.text,
        "reason": removal.reason,
        "removed_by": removal.removed_by,
        "removed_at": removal.removed_at,
    }


def _removal_from_row(row: Row) -> AliasRemoval:
    return AliasRemoval(
        alias=Alias(row["alias"]),
        reason=row["reason"],
        removed_by=row["removed_by"],
        removed_at=row["removed_at"],
    )


APPEARANCES = AggregateMapping(
    root=AppearanceRow,
    children={AliasRemovalRow: "player_id"},
    to_rows=appearance_to_rows,
    from_rows=appearance_from_rows,
)


class SqlAppearances(SqlRepository[PlayerAppearance]):
    """Appearances, one a learner who has chosen."""

    mapping = APPEARANCES
    _HAS_BEEN_REMOVED = Statement(select(exists().where(_removals.c.alias_key == bindparam("alias_key"))))

    async def has_been_removed(self, alias: Alias) -> bool:
        """Whether staff took this alias away from anybody."""
        return bool(await self._HAS_BEEN_REMOVED.fetchval(self.connection, alias_key=alias.key))

    async def is_name_of_another(self, alias: Alias, player_id: UUID) -> bool:
        """Whether it reads like the name of somebody else, in full or as strangers see it, in letters of any kind."""
        return bool(await self.connection.fetchval(_IS_NAME_OF_ANOTHER, alias.text, player_id))
