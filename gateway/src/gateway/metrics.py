"""What the operators see of the gateway. Labels are names from the table of routes, never a client's words."""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

requests = Counter("babyowl_gateway_requests_total", "Requests answered", ["route", "service", "method", "status"])
seconds = Histogram(
    "babyowl_gateway_request_seconds",
    "Time from a request to the end of its answer",
    ["service"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
refused = Counter("babyowl_gateway_refused_total", "Requests the gateway itself refused", ["code"])
breaker_state = Gauge("babyowl_gateway_breaker_state", "Circuit breaker: 0 closed, 1 half open, 2 open", ["service"])
retries = Counter("babyowl_gateway_retries_total", "Requests sent a second time", ["service"])
quota_fallbacks = Counter(
    "babyowl_gateway_quota_fallbacks_total", "Requests counted by this process alone while Redis was away"
)
clients_gone = Counter("babyowl_gateway_clients_gone_total", "Exchanges given up because the client went away")
live_connections = Gauge("babyowl_gateway_live_connections", "WebSockets and event streams held open")

# Looking a label up by its values takes longer than counting.
requests_of = lru_cache(maxsize=4096)(requests.labels)
seconds_of = lru_cache(maxsize=64)(seconds.labels)
