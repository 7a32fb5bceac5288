"""What operators do on the command line."""

import io
from typing import Any

import pytest

from babyowl_chassis.testing import Serving, serving
from babyowl_contracts import identity as contract
from identity.bootstrap import service
from identity.interfaces import cli
from identity.settings import IdentitySettings

from .world import AUTH, sign_in

SEED = [
    {"email": "admin@example.org", "password": "owls at night", "role": "super_admin", "display_name": "Admin"},
    {"email": "staff@example.org", "password": "owls at noon", "role": "staff", "display_name": "Staff"},
]
OWN_SECRETS: dict[str, Any] = {
    "database_url": "postgresql://somewhere",
    "amqp_url": "amqp://somewhere",
    "password_pepper": "p",
    "key_encryption_secret": "k",
    "challenge_secret": "c",
    "service_client_secret": "s",
    "service_accounts": {"class": "x"},
}


async def test_seeding_twice_is_seeding_once_and_the_accounts_work(postgres_admin_url: str, redis_url: str) -> None:
    options: dict[str, Any] = {"password_rounds": 4, "seed_users": SEED}
    async with serving(service, admin_url=postgres_admin_url, redis_url=redis_url, **options) as running:
        for _ in range(2):
            await cli.seed(running.resources, running.running.parts)
        for user in SEED:
            await sign_in(running, user["email"], user["password"])
        assert len(await running.events(contract.UserRegistered)) == 2


async def test_nothing_is_seeded_in_production(served: Serving) -> None:
    settings = served.resources.settings.model_copy(update={"environment": "production"})
    resources = type("Told", (), {"settings": settings})()
    with pytest.raises(SystemExit, match="demonstrations"):
        await cli.seed(resources, served.running.parts)


async def test_the_first_super_admin_is_made_from_stdin_and_no_second_one(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("root@example.org\nowls at dawn\n"))
    await cli.create_admin(served.resources, served.running.parts)
    await sign_in(served, "root@example.org", "owls at dawn")
    monkeypatch.setattr("sys.stdin", io.StringIO("second@example.org\nowls at dawn\n"))
    with pytest.raises(SystemExit, match="super admin already"):
        await cli.create_admin(served.resources, served.running.parts)
    refused = await served.client.post(
        f"{AUTH}/login", json={"email": "second@example.org", "password": "owls at dawn"}
    )
    assert refused.status_code == 401


async def test_a_weak_first_password_is_refused(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("root@example.org\npassword\n"))
    with pytest.raises(SystemExit, match="guess"):
        await cli.create_admin(served.resources, served.running.parts)


async def test_rotating_keys_publishes_a_successor_once(served: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    await served.client.get("/.well-known/jwks.json")
    for _ in range(2):
        await cli.rotate_keys(served.resources, served.running.parts)
    assert capsys.readouterr().out.count("Publish()") >= 1
    assert len((await served.client.get("/.well-known/jwks.json")).json()["keys"]) == 2


def test_production_takes_no_secret_that_everybody_knows() -> None:
    IdentitySettings(environment="production", **OWN_SECRETS)
    for known in ({"password_pepper": "local-password-pepper"}, {"service_accounts": {"class": "local-x"}}):
        with pytest.raises(ValueError, match="secrets of your own"):
            IdentitySettings(environment="production", **{**OWN_SECRETS, **known})


@pytest.mark.parametrize(("environment", "fine"), [("production", False), ("local", False), ("test", True)])
def test_cheap_passwords_are_for_tests_alone(environment: Any, fine: bool) -> None:
    def made() -> IdentitySettings:
        return IdentitySettings(environment=environment, password_rounds=11, **OWN_SECRETS)

    if fine:
        assert made().password_rounds == 11
    else:
        with pytest.raises(ValueError, match="PASSWORD_ROUNDS"):
            made()
