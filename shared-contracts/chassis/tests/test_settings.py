"""Settings come from the environment; a default secret or a wrong value stops the start and is named."""

import pytest
from pydantic import Field, SecretStr, ValidationError

from babyowl_chassis.settings import ServiceSettings

OWN = {
    "DATABASE_URL": "postgresql://jars:s3cret@db/babyowl",
    "AMQP_URL": "amqp://jars:s3cret@broker/",
    "SERVICE_CLIENT_SECRET": "s3cret",
}


class TwoSecrets(ServiceSettings):
    pepper: SecretStr = SecretStr("local-pepper")
    accounts: dict[str, SecretStr] = Field(default={"class": SecretStr("local-class")})


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OWN, "ENVIRONMENT", "PEPPER", "ACCOUNTS", "PORT"):
        monkeypatch.delenv(name, raising=False)


def give(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_an_environment_nobody_named_is_production() -> None:
    with pytest.raises(ValidationError, match="set these to secrets of your own"):
        ServiceSettings()


@pytest.mark.parametrize("missing", OWN)
def test_production_refuses_each_default_secret_by_its_name(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    give(monkeypatch, **{name: value for name, value in OWN.items() if name != missing})
    with pytest.raises(ValidationError, match=rf"of your own: {missing}\b"):
        ServiceSettings()


def test_production_refuses_default_secrets_inside_of_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, **OWN, PEPPER="of our own", ACCOUNTS='{"class": "ours", "learning": "local-learning"}')
    with pytest.raises(ValidationError, match="of your own: ACCOUNTS"):
        TwoSecrets()


def test_production_refuses_a_password_everybody_knows_inside_of_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, **OWN | {"DATABASE_URL": "postgresql://jars:local-jars@db/babyowl"})
    with pytest.raises(ValidationError, match="of your own: DATABASE_URL"):
        ServiceSettings()


def test_an_empty_secret_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, **OWN, PEPPER="", ACCOUNTS='{"class": "ours"}')
    with pytest.raises(ValidationError, match="of your own: PEPPER"):
        TwoSecrets()


def test_secrets_of_ones_own_are_enough_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, **OWN)
    assert ServiceSettings().service_client_secret.get_secret_value() == "s3cret"


@pytest.mark.parametrize("environment", ["local", "test"])
def test_at_home_the_defaults_do(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    give(monkeypatch, ENVIRONMENT=environment)
    assert ServiceSettings().environment == environment


@pytest.mark.parametrize(
    ("name", "value"), [("ENVIRONMENT", "staging"), ("PORT", "70000"), ("PORT", "http"), ("LOG_LEVEL", "loud")]
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    give(monkeypatch, **(OWN | {name: value}))
    with pytest.raises(ValidationError, match=name.lower()):
        ServiceSettings()


def test_no_error_and_no_log_line_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, **{name: value for name, value in OWN.items() if name != "SERVICE_CLIENT_SECRET"})
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert "s3cret" not in str(refused.value)
    give(monkeypatch, **OWN)
    assert "s3cret" not in repr(ServiceSettings())
