"""How learners appear, on Postgres."""

from babyowl_chassis.unit_of_work import AggregateMapping, Rows, SqlRepository
from gamification.domain.aliases import Alias
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.values import Visibility
from gamification.infrastructure.tables.boards import AppearanceRow


def appearance_to_rows(appearance: PlayerAppearance) -> Rows:
    """The row of an appearance."""
    return {
        AppearanceRow: [
            {
                "id": appearance.id,
                "version": appearance.version,
                "leaderboard": appearance.leaderboard.value,
                "alias": appearance.alias.text if appearance.alias else None,
            }
        ],
    }


def appearance_from_rows(rows: Rows) -> PlayerAppearance:
    """The appearance that this row makes."""
    [root] = rows[AppearanceRow]
    return PlayerAppearance(
        id=root["id"],
        version=root["version"],
        leaderboard=Visibility(root["leaderboard"]),
        alias=Alias(root["alias"]) if root["alias"] is not None else None,
    )


APPEARANCES = AggregateMapping(
    root=AppearanceRow, children={}, to_rows=appearance_to_rows, from_rows=appearance_from_rows
)


class SqlAppearances(SqlRepository[PlayerAppearance]):
    """Appearances, one a learner who has chosen."""

    mapping = APPEARANCES
