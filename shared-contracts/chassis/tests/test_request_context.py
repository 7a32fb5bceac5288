"""What every request carries: its id, its trace, its place in metrics and log; and what probes are told."""

import asyncio
import re
from uuid import UUID

import pytest
import structlog
from prometheus_client import REGISTRY

from babyowl_chassis.health import Readiness
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving

JARS = "/api/v1/jars"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def stored(served: Serving, **headers: str) -> dict[str, object]:
    """What the event log keeps of the context a command came in."""
    body = {"label": str(new_id()), "capacity": 1}
    answer = await served.as_("staff").post(JARS, json=body, headers=headers)
    assert answer.status_code == 201
    row = await served.resources.database.fetchrow("SELECT traceparent, correlation_id FROM event_log")
    assert row is not None
    return {**row, "answer": answer}


@pytest.mark.parametrize("given", ["a-request.id:7", "x" * 64, "0192d3a4-0000-7000-8000-000000000001"])
async def test_a_sane_request_id_comes_back(served: Serving, given: str) -> None:
    answer = await served.client.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "with spaces in it", '"quoted-id"', ""])
async def test_an_odd_request_id_is_replaced(served: Serving, given: str) -> None:
    answer = await served.client.get("/healthz", headers={"X-Request-ID": given})
    assert UUID(answer.headers["X-Request-ID"])


async def test_the_trace_and_the_correlation_id_of_the_request_reach_the_event(served: Serving) -> None:
    correlation_id = new_id()
    kept = await stored(served, traceparent=TRACE, **{"X-Correlation-ID": str(correlation_id)})
    assert (kept["traceparent"], kept["correlation_id"]) == (TRACE, correlation_id)


@pytest.mark.parametrize("given", ["", "00-0-0-01", TRACE.upper(), "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
async def test_a_malformed_trace_is_replaced_by_a_new_one(served: Serving, given: str) -> None:
    kept = await stored(served, traceparent=given)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", str(kept["traceparent"]))
    assert kept["traceparent"] != given


async def test_metrics_know_the_template_of_the_route_and_never_an_id(served: Serving) -> None:
    staff, jar_id = served.as_("staff"), new_id()
    labels = {"service": "learning", "method": "GET", "route": f"{JARS}/{{jar_id}}", "status": "404"}
    before = REGISTRY.get_sample_value("babyowl_http_requests_total", labels) or 0
    await staff.get(f"{JARS}/{jar_id}")
    await staff.get(f"/nowhere/{jar_id}")
    await staff.request("BREW", f"{JARS}/{jar_id}")
    assert REGISTRY.get_sample_value("babyowl_http_requests_total", labels) == before + 1
    page = (await served.client.get("/metrics")).text
    assert str(jar_id) not in page
    assert 'route="unmatched"' in page
    assert "BREW" not in page


async def test_the_log_line_of_a_request_has_route_and_status_but_no_id_of_the_path(served: Serving) -> None:
    with structlog.testing.capture_logs() as lines:
        await served.as_("staff").get(f"{JARS}/{new_id()}")
        await served.client.get("/healthz")
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", f"{JARS}/{{jar_id}}", 404)


class TestProbes:
    async def test_a_service_is_ready_when_all_it_needs_answers(self, served: Serving) -> None:
        answer = await served.client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "failing": []})

    async def test_it_says_what_does_not_answer_and_stays_alive(self, served: Serving) -> None:
        await served.resources.database.close()
        answer = await served.client.get("/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["database"])
        assert (await served.client.get("/healthz")).status_code == 200

    async def test_it_is_not_ready_once_it_is_stopping(self, served: Serving) -> None:
        served.running.readiness.stopping = True
        answer = await served.client.get("/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["stopping"])

    async def test_a_check_that_hangs_is_failing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("babyowl_chassis.health.CHECK_SECONDS", 0.05)

        async def fine() -> None:
            return None

        readiness = Readiness({"hanging": asyncio.Event().wait, "fine": fine})
        assert await readiness.failing() == ["hanging"]
