"""The static checks of images and compose file hold, and catch what they are for."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from babyowl_local.catalogue import CHECKOUT, SERVICES
from babyowl_local.containers import problems
from babyowl_local.postgres import binaries

COMPOSE = "docker-compose.yml"


def test_compose_file_and_images_are_right() -> None:
    assert list(problems(CHECKOUT)) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout without its caches, to be broken."""
    root = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests")
    for folder in ("services", "gateway", "shared-contracts", "deploy", "requirements"):
        shutil.copytree(CHECKOUT / folder, root / folder, ignore=ignored)
    for file in (COMPOSE, ".env.example"):
        shutil.copy(CHECKOUT / file, root / file)
    return root


@pytest.mark.parametrize(
    ("file", "was", "becomes", "problem"),
    [
        (COMPOSE, "  learning:\n", "  lerning:\n", "docker-compose.yml has no service learning"),
        (COMPOSE, "SMTP_URL:", "SMTP_ADDRESS:", "notification: SMTP_ADDRESS is no setting of notification"),
        (COMPOSE, "  REDIS_URL: redis://redis:6379/0\n", "", "class: REDIS_URL is not set"),
        (COMPOSE, "${PASSWORD_PEPPER:?see .env.example}", "pepper", "identity: PASSWORD_PEPPER must be demanded"),
        (COMPOSE, "image: postgres:16", "image: postgres:12", "postgres should run postgres:16"),
        (COMPOSE, "gateway/Dockerfile", "gateway/Dockerfil", "gateway/Dockerfil does not exist"),
        (COMPOSE, "${RABBITMQ_PASSWORD:?", "${RABBIT_PASSWORD:?", "docker-compose.yml needs RABBIT_PASSWORD"),
        ("gateway/Dockerfile", "COPY gateway gateway\n", "", "gateway/Dockerfile installs gateway without copying"),
        ("gateway/Dockerfile", "COPY gateway gateway", "COPY gatway gateway", "copies gatway, which does not exist"),
        ("gateway/Dockerfile", "USER babyowl", "USER root", "gateway/Dockerfile runs as root"),
    ],
)
def test_a_mistake_is_caught(copy: Path, file: str, was: str, becomes: str, problem: str) -> None:
    path = copy / file
    right = path.read_text()
    assert was in right
    path.write_text(right.replace(was, becomes))
    try:
        assert any(problem in found for found in problems(copy))
    finally:
        path.write_text(right)


async def test_the_images_provisioning_script_makes_the_same_accounts(
    postgres_admin_url: str, fresh_databases: Callable[[], dict[str, str]]
) -> None:
    """Compose runs the same SQL through psql; what it makes must let every service in, with its password."""
    database = urlsplit(fresh_databases()["class"]).path.removeprefix("/")
    admin = urlsplit(postgres_admin_url)
    urls = {name: f"postgresql://{name}:{{}}@{admin.hostname}:{admin.port}/{database}" for name in SERVICES}
    derived = fresh_databases()  # the roles belong to the cluster: give them the tests' passwords again
    secrets = {name: str(urlsplit(url).password) for name, url in derived.items()}
    script = await asyncio.create_subprocess_exec(
        "sh",
        CHECKOUT / "deploy/postgres/provision.sh",
        env={
            "PATH": f"{binaries()}:/usr/bin:/bin",
            "PGHOST": str(admin.hostname),
            "PGPORT": str(admin.port),
            "PGPASSWORD": str(admin.password),
            "POSTGRES_DB": database,
            "PROVISION_SQL": str(CHECKOUT / "deploy/postgres/provision.sql"),
            **{f"{name.upper()}_DATABASE_PASSWORD": secret for name, secret in secrets.items()},
        },
    )
    assert await script.wait() == 0
    for name, url in urls.items():
        connection = await asyncpg.connect(url.format(secrets[name]))
        try:
            assert await connection.fetchval("select current_schema()") == name
        finally:
            await connection.close()
