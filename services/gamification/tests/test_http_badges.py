"""Badges over HTTP."""

from xml.etree import ElementTree

import pytest

from gamification.infrastructure.badges import load_badges

from .academy import Academy

pytestmark = pytest.mark.infra


async def test_anybody_sees_which_badges_there_are(academy: Academy) -> None:
    response = await academy.served.client.get("/api/v1/badges")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=3600"
    items = response.json()["items"]
    assert [item["id"] for item in items] == [badge.id for badge in load_badges()]
    assert next(item for item in items if item["id"] == "exercises_10") == {
        "id": "exercises_10",
        "title": "Warmed up",
        "text": "You have completed 10 exercises.",
        "fact": "exercises",
        "at_least": 10,
        "xp": 20,
        "picture": {
            "url": "/api/v1/badges/exercises_10/picture",
            "text": "A bronze medal with a pencil and the number 10",
        },
    }


async def test_every_badge_has_a_picture_at_its_address(academy: Academy) -> None:
    for item in (await academy.served.client.get("/api/v1/badges")).json()["items"]:
        response = await academy.served.client.get(item["picture"]["url"])
        assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
        title, description, *_ = ElementTree.fromstring(response.text)
        assert (title.text, description.text) == (item["title"], item["picture"]["text"])


async def test_a_picture_is_fetched_once(academy: Academy) -> None:
    url, client = "/api/v1/badges/first_quest/picture", academy.served.client
    first = await client.get(url)
    assert first.headers["cache-control"] == "public, max-age=86400"
    assert first.headers["content-security-policy"] == "default-src 'none'"
    tag = first.headers["etag"]
    for seen in (tag, f'"other", W/{tag}'):
        again = await client.get(url, headers={"If-None-Match": seen})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get(url, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    ("badge", "status", "code"),
    [("first_nap", 404, "badge_not_found"), ("First", 422, "invalid_input"), ("x" * 41, 422, "invalid_input")],
)
async def test_a_picture_of_no_badge_is_not_found(academy: Academy, badge: str, status: int, code: str) -> None:
    response = await academy.served.client.get(f"/api/v1/badges/{badge}/picture")
    assert (response.status_code, response.json()["code"]) == (status, code)
