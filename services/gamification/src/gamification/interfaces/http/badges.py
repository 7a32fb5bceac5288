"""The badges there are, and their pictures: for anybody, as they say nothing about anyone."""

from hashlib import sha256
from typing import Annotated, Self

from fastapi import APIRouter, Header, Path, Response

from babyowl_chassis.http import View, refused
from gamification.domain.badges import Badge
from gamification.domain.errors import BadgeNotFound
from gamification.domain.facts import Fact
from gamification.interfaces.http.dependencies import TheArtwork, TheCatalogue

router = APIRouter(prefix="/api/v1/badges", tags=["Badges"])

PICTURE_PATH = "/{badge}/picture"
SVG = "image/svg+xml"

BadgeId = Annotated[str, Path(max_length=40, pattern=r"^[a-z0-9_]+$", description="As the catalogue names it.")]
IfNoneMatch = Annotated[str | None, Header(description="The `ETag`s of the pictures you have.")]


class PictureView(View):
    """Where the badge's picture is, an SVG; `text` says what it shows, for who does not see it."""

    url: str
    text: str


class BadgeView(View):
    """A badge: it is earned by `at_least` so many of `fact`, and gives `xp` points."""

    id: str
    title: str
    text: str
    fact: Fact
    at_least: int
    xp: int
    picture: PictureView

    @classmethod
    def of(cls, value: Badge) -> Self:
        """The view of the catalogue's badge."""
        picture = PictureView(
            url=router.prefix + PICTURE_PATH.format(badge=value.id),
            text=value.picture.text,
        )
        return cls(
            id=value.id,
            title=value.title,
            text=value.text,
            fact=value.fact,
            at_least=value.at_least,
            xp=value.xp,
            picture=picture,
        )


class CatalogueView(View):
    """All badges, in the order they are shown."""

    items: list[BadgeView]


class SvgResponse(Response):
    """A drawing."""

    media_type = SVG


@router.get("")
async def all_badges(catalogue: TheCatalogue, response: Response) -> CatalogueView:
    """All badges there are, and what earns them."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return CatalogueView(items=[BadgeView.of(badge) for badge in catalogue.badges])


@router.get(
    PICTURE_PATH,
    response_class=SvgResponse,
    responses={
        200: {"content": {SVG: {"schema": {"type": "string"}}}},
        304: {"description": "It is still as the `ETag` says"},
    },
)
async def picture(
    badge: BadgeId, catalogue: TheCatalogue, artwork: TheArtwork, if_none_match: IfNoneMatch = None
) -> Response:
    """The badge's picture: a medal with a title and a description of its own.

    A page of another origin asks for it with `crossorigin="anonymous"`.
    """
    known = catalogue.badges.get(badge)
    if known is None:
        raise refused(BadgeNotFound(badge))
    drawing = artwork.draw(known)
    tag = f'"{sha256(drawing.encode()).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=86400"}
    seen = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if seen & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return SvgResponse(drawing, headers=headers)
