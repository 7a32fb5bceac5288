"""One OpenAPI document out of the services' own: what can be called through the gateway, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.routes import Access, RouteTable, Service

Document = Mapping[str, Any]

SCHEME = "accessToken"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    Access.PUBLIC: [],
    Access.OPTIONAL: [{}, {SCHEME: []}],
    Access.TOKEN: [{SCHEME: []}],
}
_INFO = {
    "title": "Baby Owl",
    "version": "1",
    "description": (
        "Everything a client app can call. Errors are problem documents (RFC 9457) with a stable `code`. "
        "Sign in with `POST /api/v1/auth/login` and send the access token as `Authorization: Bearer …`."
    ),
}
_OWN_ANSWERS = {
    "408": "The request's body took too long",
    "414": "The URL is longer than 8 KiB",
    "429": "Too many requests: see Retry-After",
    "431": "The request's headers are too many, or too large",
    "502": "The service behind this broke off",
    "503": "The service behind this is away for a moment",
    "504": "The service behind this did not answer in time",
}


def merge(documents: Mapping[Service, Document], table: RouteTable) -> dict[str, Any]:
    """The services' documents as one. Components of the same name but another content get their service's name."""
    ambiguous = _ambiguous(documents)
    paths: dict[str, dict[str, Any]] = {}
    components: dict[str, dict[str, Any]] = {}
    operation_ids: set[str] = set()
    for service, document in documents.items():
        renamed = _renamed(document, ambiguous, service)
        for path, item in renamed.get("paths", {}).items():
            kept = dict(_reachable(service, path, item, table))
            if any(method in kept for method in _METHODS):
                _make_unique(kept, service, operation_ids)
                paths.setdefault(path, {}).update(kept)
        for kind, named in renamed.get("components", {}).items():
            if kind != "securitySchemes":
                components.setdefault(kind, {}).update(named)
    used = {kind: dict(sorted(named.items())) for kind, named in _referenced(paths, components).items()}
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            **used,
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _reachable(service: Service, path: str, item: Document, table: RouteTable) -> Iterator[tuple[str, Any]]:
    for key, value in item.items():
        if key not in _METHODS:
            yield key, value
            continue
        route = table.find(key.upper(), path)
        if route is not None and route.service is service:
            answers = {
                status: value.get("responses", {}).get(status, {"description": meaning})
                for status, meaning in _OWN_ANSWERS.items()
            }
            yield (
                key,
                {
                    **value,
                    "tags": value.get("tags") or [service.value],
                    "security": _SECURITY[route.access],
                    "responses": {**value.get("responses", {}), **answers},
                },
            )


def _make_unique(item: dict[str, Any], service: Service, taken: set[str]) -> None:
    for method in _METHODS:
        operation_id = item.get(method, {}).get("operationId")
        if operation_id is not None:
            unique = f"{service.value}_{operation_id}" if operation_id in taken else operation_id
            item[method]["operationId"] = unique
            taken.add(unique)


def _ambiguous(documents: Mapping[Service, Document]) -> set[tuple[str, str]]:
    """(kind, name) of the components that mean different things in different services, themselves or within."""
    holders: dict[tuple[str, str], list[Any]] = {}
    for document in documents.values():
        for kind, named in document.get("components", {}).items():
            for name, content in named.items():
                holders.setdefault((kind, name), []).append(content)
    shared = {key: contents for key, contents in holders.items() if len(contents) > 1}
    ambiguous = {key for key, contents in shared.items() if any(content != contents[0] for content in contents)}
    while True:
        more = {
            key
            for key, contents in shared.items()
            if key not in ambiguous and not ambiguous.isdisjoint(_references(contents))
        }
        if not more:
            return ambiguous
        ambiguous |= more


def _renamed(document: Document, ambiguous: set[tuple[str, str]], service: Service) -> dict[str, Any]:
    """A copy in which the ambiguous components carry the service's name."""

    def name_of(kind: str, name: str) -> str:
        return f"{service.value.capitalize()}{name}" if (kind, name) in ambiguous else name

    def copy(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: copy(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [copy(entry) for entry in value]
        target = _target(value)
        return f"#/components/{target[0]}/{name_of(*target)}" if target else value

    copied: dict[str, Any] = copy(dict(document))
    copied["components"] = {
        kind: {name_of(kind, name): content for name, content in named.items()}
        for kind, named in copied.get("components", {}).items()
    }
    return copied


def _referenced(paths: Any, components: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Only the components that something reachable refers to: the rest would tell of what is inside."""
    reached: dict[str, dict[str, Any]] = {}
    pending = list(_references(paths))
    while pending:
        kind, name = pending.pop()
        if name not in reached.setdefault(kind, {}) and name in components.get(kind, {}):
            reached[kind][name] = components[kind][name]
            pending += _references(components[kind][name])
    return {kind: named for kind, named in reached.items() if named}


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for entry in value.values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _references(entry)
    elif target := _target(value):
        yield target


def _target(value: Any) -> tuple[str, str] | None:
    if isinstance(value, str) and value.startswith("#/components/"):
        kind, _, name = value.removeprefix("#/components/").partition("/")
        return kind, name
    return None
