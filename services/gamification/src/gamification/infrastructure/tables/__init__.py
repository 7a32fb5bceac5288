"""The tables of the context. Days and weeks are dates (a week is its Monday), moments are UTC."""

from babyowl_chassis.tables import add_chassis_tables
from gamification.infrastructure.tables import boards, curriculum, facts, leagues, players
from gamification.infrastructure.tables.base import Table

__all__ = ["boards", "curriculum", "facts", "leagues", "metadata", "players"]

metadata = Table.metadata
add_chassis_tables(metadata, people=True)
