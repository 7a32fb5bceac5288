"""A service is named in every list that describes the platform, and no list names what is not there."""

import configparser
import re
import tomllib

import pytest
import yaml

from babyowl_local.catalogue import CATALOGUE, CHECKOUT, SERVICES
from gateway.routes import PREFIXES
from gateway.routes import Service as Upstream
from gateway.settings import GatewaySettings
from identity.application.service_accounts import SCOPES

PACKAGES = {service.package for service in CATALOGUE}
LAYERED = {
    service.package
    for service in CATALOGUE
    if (CHECKOUT / "services" / service.name / "src" / service.package / "domain").is_dir()
}


def text(path: str) -> str:
    return (CHECKOUT / path).read_text(encoding="utf-8")


def test_every_folder_of_services_is_in_the_catalogue_and_the_other_way_round() -> None:
    folders = {path.parent.name for path in CHECKOUT.glob("services/*/pyproject.toml")}
    assert folders == set(SERVICES)
    for service in CATALOGUE:
        home = CHECKOUT / "services" / service.name
        for needed in ("README.md", "Dockerfile", "migrations", f"src/{service.package}/bootstrap.py"):
            assert (home / needed).exists(), f"services/{service.name}/{needed} is missing"


def test_the_gateway_routes_to_every_service_and_knows_its_address() -> None:
    assert set(Upstream) == set(SERVICES)
    assert {route.service for route in PREFIXES} == set(Upstream)
    settings = GatewaySettings(environment="test")
    addresses = [settings.url_of(upstream) for upstream in Upstream]
    assert len(set(addresses)) == len(SERVICES)


def test_every_service_has_an_account_of_its_own_at_identity() -> None:
    assert set(SCOPES) == set(SERVICES) - {"identity"}


def test_compose_builds_and_prepares_every_service() -> None:
    containers = yaml.safe_load(text("docker-compose.yml"))["services"]
    built = {
        (name, container["build"]["dockerfile"])
        for name, container in containers.items()
        if container.get("build", {}).get("dockerfile", "").startswith("services/")
    }
    for service in SERVICES:
        dockerfile = f"services/{service}/Dockerfile"
        assert {(service, dockerfile), (f"{service}-prepare", dockerfile)} <= built
    assert {dockerfile for _, dockerfile in built} == {f"services/{service}/Dockerfile" for service in SERVICES}


def test_the_database_image_makes_a_role_for_every_service() -> None:
    given = set(re.findall(r'--set (\w+)="\$\w+_DATABASE_PASSWORD"', text("deploy/postgres/provision.sh")))
    assert given == set(SERVICES)


@pytest.mark.parametrize(
    ("section", "option", "expected"),
    [
        ("importlinter", "root_packages", PACKAGES),
        ("importlinter:contract:house", "layers", PACKAGES),
        ("importlinter:contract:layers", "containers", LAYERED),
        ("importlinter:contract:pure-domain", "source_modules", {f"{package}.domain" for package in LAYERED}),
        ("importlinter:contract:private-events", "source_modules", {f"{package}.domain" for package in LAYERED}),
        (
            "importlinter:contract:pure-application",
            "source_modules",
            {f"{package}.application" for package in LAYERED},
        ),
    ],
)
def test_the_import_contracts_hold_for_every_service(section: str, option: str, expected: set[str]) -> None:
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter", encoding="utf-8")
    named = set(re.findall(r"[\w.]+", contracts[section][option]))
    others = {name for name in named if name.split(".")[0] not in PACKAGES}
    assert named - others == expected
    assert all(name.startswith("babyowl_") or name == "gateway" for name in others)


def test_the_types_of_every_service_are_checked() -> None:
    paths = tomllib.loads(text("pyproject.toml"))["tool"]["mypy"]["mypy_path"].split(":")
    assert {path.split("/")[1] for path in paths if path.startswith("services/")} == set(SERVICES)


def test_every_service_is_among_what_the_pins_are_made_of() -> None:
    assert set(re.findall(r"^-e services/(.+)$", text("requirements/runtime.in"), re.MULTILINE)) == set(SERVICES)
