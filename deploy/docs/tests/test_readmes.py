"""A service's one page names every command, every queue and every event it has."""

import importlib
import inspect
import pkgutil
import re

import pytest

from babyowl_contracts.event import REGISTRY
from babyowl_kernel import Command
from babyowl_local.catalogue import CATALOGUE, CHECKOUT, Service

LONGEST = 120


def page_of(service: Service) -> str:
    return (CHECKOUT / "services" / service.name / "README.md").read_text(encoding="utf-8")


def commands_of(service: Service) -> set[str]:
    """The commands that the service's application declares; a flat service has none."""
    try:
        package = importlib.import_module(f"{service.package}.application.commands")
    except ModuleNotFoundError:
        return set()
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return {
        name
        for module in modules
        for name, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Command) and found.__module__ == module.__name__
    }


def queues_of(service: Service) -> set[str]:
    """The queues that bootstrap names."""
    source = inspect.getsource(importlib.import_module(f"{service.package}.bootstrap"))
    return set(re.findall(rf'"({service.name}\.[a-z-]+)"', source))


def events_of(service: Service) -> set[str]:
    """The events that the service publishes."""
    return {event.__name__ for event in REGISTRY.values() if event.context() == service.name}


@pytest.mark.parametrize("service", CATALOGUE, ids=lambda service: service.name)
def test_its_page_names_what_it_has(service: Service) -> None:
    has = commands_of(service) | queues_of(service) | events_of(service)
    named = set(re.findall(r"`([^`\n]+)`", page_of(service)))
    assert has - named == set()


@pytest.mark.parametrize("service", CATALOGUE, ids=lambda service: service.name)
def test_its_page_is_one_page(service: Service) -> None:
    assert len(page_of(service).splitlines()) <= LONGEST


def test_what_a_service_has_is_found() -> None:
    service = next(service for service in CATALOGUE if service.name == "class")
    assert {"EnrollStudent", "MarkAttendance"} <= commands_of(service)
    assert "class.courses" in queues_of(service)
    assert "AttendanceMarked" in events_of(service)
