"""Calendar links: one each, renewed, revoked, and told to nobody."""

import asyncio
from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted
from babyowl_kernel import Err
from class_management.application.commands.open_calendar_feed import OpenCalendarFeed
from class_management.application.commands.revoke_calendar_feed import RevokeCalendarFeed
from class_management.domain.errors import CalendarLinkNotFound
from class_management.domain.feeds import CalendarFeed, digest_of
from class_management.domain.values import ClassId, UserId

from .school import School


def opening(owner_id: UserId, class_id: ClassId | None = None, *, token: str = "first") -> OpenCalendarFeed:
    return OpenCalendarFeed(owner_id=owner_id, class_id=class_id, token_digest=digest_of(token))


async def opened(school: School, owner_id: UserId, class_id: ClassId | None = None, *, token: str) -> CalendarFeed:
    return granted(await school.execute(opening(owner_id, class_id, token=token)))


async def test_a_link_is_made_and_then_renewed_and_remains_the_same_feed(school: School) -> None:
    owner_id = new_id()
    first = await opened(school, owner_id, token="first")
    assert (first.created_at, first.renewed_at) == (school.clock.now, school.clock.now)
    school.clock.now += timedelta(days=1)
    second = await opened(school, owner_id, token="second")
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert second.renewed_at == school.clock.now
    assert second.token_digest == digest_of("second") != first.token_digest


async def test_everybody_has_a_link_of_their_own_to_all_meetings_and_to_each_class(school: School) -> None:
    one, other = await school.planned(), await school.planned(instructor_id=await school.register("instructor"))
    ada, bob = new_id(), new_id()
    whose = [(ada, None), (ada, one.id), (ada, other.id), (bob, None), (bob, one.id)]
    feeds = [await opened(school, owner, class_id, token=f"{n}") for n, (owner, class_id) in enumerate(whose)]
    assert [(feed.owner_id, feed.class_id) for feed in feeds] == whose
    assert len({feed.id for feed in feeds}) == len(feeds)


async def test_a_revoked_link_is_gone_and_cannot_be_revoked_again(school: School) -> None:
    owner_id = new_id()
    revocation = RevokeCalendarFeed(owner_id=owner_id, class_id=None)
    assert await school.execute(revocation) == Err(CalendarLinkNotFound())
    first = await opened(school, owner_id, token="first")
    granted(await school.execute(revocation))
    assert await school.execute(revocation) == Err(CalendarLinkNotFound())
    assert (await opened(school, owner_id, token="second")).id != first.id


async def test_to_revoke_one_link_leaves_the_others(school: School) -> None:
    class_, owner_id = await school.planned(), new_id()
    mine = await opened(school, owner_id, token="mine")
    await opened(school, owner_id, class_.id, token="of the class")
    granted(await school.execute(RevokeCalendarFeed(owner_id=owner_id, class_id=class_.id)))
    assert (await opened(school, owner_id, token="again")).id == mine.id


async def test_nobody_outside_hears_of_links(school: School) -> None:
    before = len(await school.store.events())
    owner_id = new_id()
    await opened(school, owner_id, token="first")
    await opened(school, owner_id, token="second")
    granted(await school.execute(RevokeCalendarFeed(owner_id=owner_id, class_id=None)))
    assert len(await school.store.events()) == before


def test_of_a_token_only_its_digest_is_kept() -> None:
    assert digest_of("token") != digest_of("Token")
    assert len(digest_of("token")) == 32
    assert b"token" not in digest_of("token")
    assert digest_of("\ud800")  # whatever a path may hold


@pytest.mark.infra
async def test_of_many_first_links_at_once_one_remains(real_school: School) -> None:
    school, owner_id = real_school, new_id()
    outcomes = await asyncio.gather(*[school.execute(opening(owner_id, token=f"{n}")) for n in range(8)])
    assert len({granted(outcome).id for outcome in outcomes}) == 1
    granted(await school.execute(RevokeCalendarFeed(owner_id=owner_id, class_id=None)))
    assert await school.execute(RevokeCalendarFeed(owner_id=owner_id, class_id=None)) == Err(CalendarLinkNotFound())
