"""Calendars by their links: beside the badges there are, the only prefix that nobody has to sign in for."""

import pytest

from gateway.routes import PREFIXES, Access

from .house import House, Opens

LINK = "/api/v1/calendars/a-very-secret-token.ics"


def test_no_other_prefix_of_secrets_is_public_and_no_log_names_what_is_beneath_this_one() -> None:
    assert [(route.path, route.secret) for route in PREFIXES if route.access is Access.PUBLIC or route.secret] == [
        ("/api/v1/calendars", True),
        ("/api/v1/badges", False),
    ]


async def test_a_calendar_program_needs_no_token_and_may_say_what_it_has(house: House) -> None:
    answer = await house.client.get(LINK, headers={"If-None-Match": '"seen"', "If-Modified-Since": "yesterday"})
    assert answer.status_code == 200
    assert (house.services.last.target, house.services.last.values("If-None-Match")) == (LINK, ['"seen"'])
    assert house.services.last.values("If-Modified-Since") == ["yesterday"]
    assert (await house.client.head(LINK)).status_code == 200
    assert house.services.last.method == "HEAD"


async def test_a_stale_token_keeps_nobody_from_their_calendar(house: House) -> None:
    assert (await house.client.get(LINK, headers={"Authorization": "Bearer stale"})).status_code == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_making_and_revoking_a_link_needs_one(house: House, method: str) -> None:
    for path in ("/api/v1/calendar-link", "/api/v1/classes/1/calendar-link"):
        assert (await house.client.request(method, path)).status_code == 401
    assert house.services.seen == []


async def test_guesses_are_charged_to_the_address_they_come_from(house_with: Opens) -> None:
    async with house_with(rate_limit_anonymous_per_minute=3, trusted_proxies=["127.0.0.1/32"]) as house:
        here = {"X-Forwarded-For": "198.51.100.9"}
        answers = [await house.client.get(f"{LINK[:-5]}{n}.ics", headers=here) for n in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
