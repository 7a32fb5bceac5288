"""Fuzzing: a service's own OpenAPI document says what may be sent and what may be answered; both are tried out.

```python
test_no_input_breaks_the_service = fuzzing(service)
```
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from babyowl_chassis.service import Service
from babyowl_chassis.testing.serving import Serving, serving

FuzzTest: TypeAlias = Callable[..., Awaitable[None]]

FEW = 4
MANY = 60
"""Examples for each operation, each way of making them, and each role."""

ROLES = ("super_admin", "student")
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
AWAY = 503
"""The service's neighbours are not there in such a test, and it may say so."""

KNOWN_IDS = 200
MOST_SHOWN = 20


def fuzzing(service: Service) -> FuzzTest:
    """A test that sends the service what its document allows, and what it does not.

    Whatever comes, no answer may be a 5xx, or have a status, type or shape that the document does not name. The
    thorough variant is marked `chaos`.
    """

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.chaos)])
    @pytest.mark.timeout(1800)
    async def test(postgres_admin_url: str, redis_url: str, role: str, examples: int) -> None:
        async with serving(service, admin_url=postgres_admin_url, redis_url=redis_url) as served:
            findings = await fuzz(served, role, examples=examples)
        assert not findings, "\n\n".join(findings[:MOST_SHOWN])

    return test


async def fuzz(served: Serving, role: str, *, examples: int) -> list[str]:
    """Send so many generated requests to every operation, signed in as `role`; what is wrong with the answers."""
    document = served.running.service.app().openapi()
    fuzzer = _Fuzzer(served.as_(role), asyncio.get_running_loop())
    schema = schemathesis.openapi.from_dict(document)
    found = list(schema.get_all_operations())
    operations = [operation.ok() for operation in found if isinstance(operation, Ok)]
    assert len(operations) == len(found), "the document is not valid"
    # What creates things goes first, so that the others find some.
    operations.sort(key=lambda operation: operation.method.upper() != "POST")
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            await asyncio.to_thread(fuzzer.try_out, operation.as_strategy(generation_mode=mode), examples)
    return list(fuzzer.findings.values())


@dataclass
class _Fuzzer:
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    findings: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def try_out(self, cases: st.SearchStrategy[Any], examples: int) -> None:
        """Runs outside the event loop, as Hypothesis is not asynchronous; the requests run inside."""

        @given(cases, st.data())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Any, data: st.DataObject) -> None:
            self._aim(case, data)
            self._send(case)

        with suppress(Unsatisfiable):  # a request without any parameter cannot be got wrong
            send()

    def _aim(self, case: Any, data: st.DataObject) -> None:
        # A made-up id leads nowhere; every other time use one that the service has shown before.
        for name, value in (case.path_parameters or {}).items():
            if self.ids and _is_uuid(value) and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(self.ids))

    def _send(self, case: Any) -> None:
        try:
            request = requests.Request(**case.as_transport_kwargs(base_url="http://service")).prepare()
        except (requests.RequestException, UnicodeError):
            return  # no client could send this
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert body is None or isinstance(body, bytes)
        headers = [(_octets(name), _octets(value)) for name, value in request.headers.items()]
        sending = self.client.request(str(request.method), str(request.url), headers=headers, content=body)
        answer = asyncio.run_coroutine_threadsafe(sending, self.loop).result(timeout=60)
        self._keep_ids(answer)
        where = f"{case.method} {case.operation.path}"
        told = f"{request.method} {request.url}\n{body!r:.500}\n→ {answer.status_code} {answer.text[:500]}"
        if answer.is_server_error and answer.status_code != AWAY:
            self.findings.setdefault((where, "fault"), f"{where}: a fault\n{told}")
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self.findings.setdefault((where, str(failure)), f"{where}: {failure}\n{told}")

    def _keep_ids(self, answer: httpx.Response) -> None:
        json = answer.headers.get("Content-Type", "").startswith("application/json")
        if answer.is_success and json and answer.content and len(self.ids) < KNOWN_IDS:
            self.ids += [one for one in _strings_in(answer.json()) if _is_uuid(one) and one not in self.ids]


def _octets(header: str | bytes) -> bytes:
    return header if isinstance(header, bytes) else header.encode("latin-1")


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def _strings_in(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [found for member in value.values() for found in _strings_in(member)]
        case list():
            return [found for member in value for found in _strings_in(member)]
    return []
