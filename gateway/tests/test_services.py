"""The table of routes and the services agree. Only this test looks at both; the gateway itself knows no service."""

from importlib import import_module
from typing import Any

import pytest

from gateway.routes import OPERATIONS, PREFIXES, Access, RouteTable, Service

PACKAGES = {
    Service.IDENTITY: "identity",
    Service.LEARNING: "learning",
    Service.CLASS: "class_management",
    Service.GAMIFICATION: "gamification",
    Service.NOTIFICATION: "notification",
}
TABLE = RouteTable()


def operations(service: Service) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything the service offers outside."""
    document = import_module(f"{PACKAGES[service]}.bootstrap").service.app().openapi()
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if not path.startswith("/internal/")
    ]


@pytest.mark.parametrize("service", Service)
def test_whatever_a_service_offers_outside_is_routed_to_it(service: Service) -> None:
    assert operations(service)
    for method, path, _ in operations(service):
        route = TABLE.find(method, path)
        assert route is not None, f"{method} {path} is not in the table"
        assert route.service is service, f"{method} {path} goes to {route.service}"


def test_the_table_names_nothing_that_no_service_offers() -> None:
    offered = {TABLE.find(method, path) for service in Service for method, path, _ in operations(service)}
    assert [route.path for route in (*PREFIXES, *OPERATIONS) if route not in offered] == []


@pytest.mark.parametrize("service", Service)
def test_a_token_is_asked_for_where_the_service_asks_for_one(service: Service) -> None:
    for method, path, operation in operations(service):
        route = TABLE.find(method, path)
        assert route is not None
        assert (route.access is Access.PUBLIC) == ("security" not in operation), f"{method} {path}"
