"""Pictures of badges: medals, drawn as SVG from the symbols and metals of the catalogue."""

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from tomllib import loads
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from gamification.domain.badges import Badge

_MEDAL = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{text}</desc>
<path d="M30 56 20 92l14-6 8 10 8-30zM66 56l10 36-14-6-8 10-8-30z" fill="{dark}"/>
<circle cx="48" cy="42" r="40" fill="{middle}"/>
<circle cx="48" cy="42" r="34" fill="{light}" stroke="{dark}" stroke-width="1.5"/>
<g transform="translate({left} {top}) scale({scale})" fill="{dark}" fill-rule="evenodd"><path d="{path}"/></g>
{number}</svg>
"""

_NUMBER = """\
<text x="48" y="70" text-anchor="middle" font-family="Verdana,Arial,sans-serif" font-size="14" \
font-weight="bold" fill="{dark}">{number}</text>
"""

_Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
_Words = Annotated[str, Field(min_length=1, max_length=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Symbol(_Part):
    """A drawing in a square of 24 by 24, and what it shows."""

    text: _Words
    path: Annotated[str, Field(pattern=r"^M[MmLlHhVvCcSsQqTtAaZz0-9 .,-]+$")]


class _Metal(_Part):
    """Three tones of one colour, the dark one legible on the light one."""

    text: _Words
    light: _Colour
    middle: _Colour
    dark: _Colour


class _Pictures(_Part):
    symbols: dict[str, _Symbol]
    metals: dict[str, _Metal]


@dataclass(frozen=True, slots=True)
class Artwork:
    """What medals are made of."""

    _parts: _Pictures

    @classmethod
    @cache
    def load(cls) -> Self:
        """The artwork of this game."""
        document = files("gamification").joinpath("catalogue", "pictures.toml").read_text(encoding="utf-8")
        return cls(_Pictures.model_validate(loads(document)))

    def describe(self, symbol: str, metal: str, number: int) -> str:
        """What such a medal shows, in words; ValueError if there is no such symbol or metal."""
        try:
            parts = self._parts.metals[metal].text, self._parts.symbols[symbol].text
        except KeyError as missing:
            raise ValueError(f"there is no picture of {missing}") from missing
        words = "{} with {}".format(*parts)
        return words if number == 1 else f"{words} and the number {number}"

    def draw(self, badge: Badge) -> str:
        """The badge's medal as an SVG document; its title and description are what a screen reader says."""
        metal, symbol = self._parts.metals[badge.picture.metal], self._parts.symbols[badge.picture.symbol]
        numbered = badge.at_least > 1
        return _MEDAL.format(
            title=escape(badge.title),
            text=escape(badge.picture.text),
            light=metal.light,
            middle=metal.middle,
            dark=metal.dark,
            path=symbol.path,
            # The number stands below the symbol and takes room from it.
            left=30 if numbered else 24,
            top=16 if numbered else 18,
            scale=1.5 if numbered else 2,
            number=_NUMBER.format(dark=metal.dark, number=badge.at_least) if numbered else "",
        )
