"""A person's sessions, from registering to forgetting the password, as client apps live them."""

import asyncio
from typing import Any

import httpx
import pytest

from babyowl_chassis.testing import eventually
from babyowl_demo.academy import Mailbox, expect
from babyowl_demo.story import Story

PASSWORD = "moonlight-over-the-barn"
NEXT_PASSWORD = "sunrise-behind-the-oak"


@pytest.fixture
def email(story: Story) -> str:
    return f"olga.{story.performance}@example.org"


async def post(story: Story, path: str, body: Any = None, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await story.gateway.post(f"/api/v1/auth/{path}", json=body, headers=headers)


async def me(story: Story, token: str) -> int:
    response = await story.gateway.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    return response.status_code


async def registered(story: Story, email: str) -> dict[str, Any]:
    """Somebody who came by themselves, verified by the message that was sent, signed in."""
    body = {"email": email, "password": PASSWORD, "display_name": "Olga", "time_zone": "Asia/Tokyo"}
    expect(await post(story, "register", body), 202)
    token = await story.mailbox.token_sent_to(email)
    expect(await post(story, "verify-email", {"token": token}), 204)
    return await signed_in(story, email, PASSWORD)


async def signed_in(story: Story, email: str, password: str) -> dict[str, Any]:
    tokens: dict[str, Any] = expect(await post(story, "login", {"email": email, "password": password}), 200)
    return tokens


async def test_nobody_signs_in_before_the_address_is_verified(story: Story, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "display_name": "Olga"}
    expect(await post(story, "register", body), 202)
    refused = await post(story, "login", {"email": email, "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")


async def test_two_tabs_refresh_at_once_and_both_go_on_with_the_same_session(story: Story, email: str) -> None:
    tokens = await registered(story, email)
    spent = {"refresh_token": tokens["refresh_token"]}
    tabs = await asyncio.gather(*(post(story, "refresh", spent) for _ in range(2)))
    [successor] = {expect(tab, 200)["refresh_token"] for tab in tabs}
    assert successor != tokens["refresh_token"]
    renewed = expect(await post(story, "refresh", {"refresh_token": successor}), 200)
    assert await me(story, renewed["access_token"]) == 200
    expect(await post(story, "refresh", {"refresh_token": "x" * 43}), 401, "refresh_token_invalid")


async def test_who_signs_out_is_out_at_once_everywhere(story: Story, email: str) -> None:
    first = await registered(story, email)
    second = await signed_in(story, email, PASSWORD)
    expect(await post(story, "logout", token=first["access_token"]), 204)
    assert await me(story, first["access_token"]) == 401
    assert await me(story, second["access_token"]) == 200
    expect(await post(story, "logout-everywhere", token=second["access_token"]), 204)
    assert await me(story, second["access_token"]) == 401


async def test_a_forgotten_password_is_replaced_by_the_link_and_every_session_ends(story: Story, email: str) -> None:
    tokens = await registered(story, email)
    verified = await story.mailbox.token_sent_to(email)
    expect(await post(story, "forgot-password", {"email": email}), 202)
    reset = await other_token(story.mailbox, email, verified)
    expect(await post(story, "reset-password", {"token": reset, "password": NEXT_PASSWORD}), 204)
    assert await me(story, tokens["access_token"]) == 401
    expect(await post(story, "login", {"email": email, "password": PASSWORD}), 401, "invalid_credentials")
    assert await me(story, (await signed_in(story, email, NEXT_PASSWORD))["access_token"]) == 200
    again = await post(story, "reset-password", {"token": reset, "password": PASSWORD})
    assert again.status_code == 422, "a link works once"


async def other_token(mailbox: Mailbox, email: str, known: str) -> str:
    """The token of a message after the one that is known: events and letters take their time."""

    async def newer() -> str | None:
        token = await mailbox.token_sent_to(email)
        return None if token == known else token

    return str(await eventually(newer, timeout=20, every=0.1))
