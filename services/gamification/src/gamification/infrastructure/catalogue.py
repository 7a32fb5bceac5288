"""The catalogue, read once from the files it is kept in."""

from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from gamification.domain.catalogue import Catalogue
from gamification.infrastructure.badges import read_badges
from gamification.infrastructure.pictures import Artwork
from gamification.infrastructure.quests import read_quests
from gamification.infrastructure.rules import read_rules


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of this game; ValueError if a file says what cannot be."""
    return Catalogue(
        rulebook=read_rules(_document("rules")),
        badges=read_badges(_document("badges"), Artwork.load()),
        quests=read_quests(_document("quests")),
    )


def _document(name: str) -> dict[str, Any]:
    return loads(files("gamification").joinpath("catalogue", f"{name}.toml").read_text(encoding="utf-8"))
