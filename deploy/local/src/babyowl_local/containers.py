"""Static checks of docker-compose.yml and the Dockerfiles, for machines without Docker: `make lint` runs them."""

import glob
import importlib
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic_settings import BaseSettings

from babyowl_local.catalogue import CATALOGUE, CHECKOUT

SERVERS = {"postgres": "postgres:16", "redis": "redis:7", "rabbitmq": "rabbitmq:"}
_SECRET = re.compile(r"PASSWORD|SECRET|PEPPER|_PASS$")
_DEMANDED = re.compile(r"\$\{[A-Z_]+:\?")
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(:?[-?])?")


def problems(root: Path) -> Iterator[str]:
    """What would go wrong when `docker compose up --build` runs in `root`; nothing is right."""
    compose = yaml.safe_load((root / "docker-compose.yml").read_text())
    services: dict[str, Any] = compose["services"]
    yield from _missing(services)
    for name, service in services.items():
        yield from _service_problems(root, name, service, services)
    yield from _undocumented(root)


def _missing(services: Mapping[str, Any]) -> Iterator[str]:
    for expected in (*(service.name for service in CATALOGUE), "gateway", "mailbox", *SERVERS):
        if expected not in services:
            yield f"docker-compose.yml has no service {expected}"
        elif "healthcheck" not in services[expected]:
            yield f"{expected} has no healthcheck"
    for server, image in SERVERS.items():
        if server in services and not str(services[server].get("image")).startswith(image):
            yield f"{server} should run {image}"


def _service_problems(
    root: Path, name: str, service: Mapping[str, Any], services: Mapping[str, Any]
) -> Iterator[str]:
    for other in service.get("depends_on", {}):
        if other not in services:
            yield f"{name} waits for {other}, which does not exist"
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        if source.startswith("./") and not (root / source).exists():
            yield f"{name} mounts {source}, which does not exist"
    environment: dict[str, Any] = service.get("environment", {})
    for variable, value in environment.items():
        if _SECRET.search(variable) and not _DEMANDED.match(str(value)):
            yield f"{name}: {variable} must be demanded from the environment, without a default"
    if "build" in service:
        yield from _dockerfile_problems(root, service["build"]["dockerfile"])
        yield from _settings_problems(name, set(environment))


def _settings_problems(name: str, variables: set[str]) -> Iterator[str]:
    """Every variable is a setting of that service, and every setting that must be set is set."""
    packages = {service.name: service.package for service in CATALOGUE} | {"gateway": "gateway"}
    package = packages.get(name.removesuffix("-prepare").removesuffix("-seed"))
    if package is None:
        return
    fields = _settings_of(package).model_fields
    known = {field.upper() for field in fields}
    for variable in sorted(variables - known):
        yield f"{name}: {variable} is no setting of {package}"
    needed = {field.upper() for field, facts in fields.items() if facts.is_required()}
    needed |= {
        field.upper() for field in ("database_url", "amqp_url", "redis_url", "identity_url") if field in fields
    }
    for variable in sorted(needed - variables):
        yield f"{name}: {variable} is not set"


def _settings_of(package: str) -> type[BaseSettings]:
    module = importlib.import_module(f"{package}.settings")
    for candidate in vars(module).values():
        if (
            isinstance(candidate, type)
            and issubclass(candidate, BaseSettings)
            and candidate.__module__ == module.__name__
        ):
            return candidate
    raise LookupError(f"{package}.settings has no settings class")


def _dockerfile_problems(root: Path, dockerfile: str) -> Iterator[str]:
    path = root / dockerfile
    if not path.exists():
        yield f"{dockerfile} does not exist"
        return
    text = path.read_text().replace("\\\n", " ")
    instructions = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    copied: list[str] = []
    for keyword, rest in instructions:
        words = shlex.split(rest)
        if keyword == "COPY" and not words[0].startswith("--from"):
            copied += words[:-1]
    for source in copied:
        if not glob.glob(source, root_dir=root):
            yield f"{dockerfile} copies {source}, which does not exist"
    for editable in re.findall(r"-e (\S+)", text):
        if not any(editable == source or editable.startswith(f"{source}/") for source in copied):
            yield f"{dockerfile} installs {editable} without copying it"
    last_stage = text[text.rindex("FROM ") :]
    for keyword in ("USER", "HEALTHCHECK", "ENTRYPOINT"):
        if not re.search(rf"^{keyword} ", last_stage, re.MULTILINE):
            yield f"{dockerfile} has no {keyword} in its last stage"
    if re.search(r"^USER (root|0)\b", last_stage, re.MULTILINE):
        yield f"{dockerfile} runs as root"


def _undocumented(root: Path) -> Iterator[str]:
    """Every variable that compose demands is in .env.example, so that a copy of it is enough."""
    given = {line.split("=")[0] for line in (root / ".env.example").read_text().splitlines() if "=" in line}
    text = (root / "docker-compose.yml").read_text()
    for variable, operator in sorted(set(_VARIABLE.findall(text))):
        if operator in {":?", "?", ""} and variable not in given:
            yield f"docker-compose.yml needs {variable}, which .env.example does not name"


def main() -> int:
    found = sorted(set(problems(CHECKOUT)))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
