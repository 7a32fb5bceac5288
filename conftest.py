"""Every test may ask for the real servers: Postgres, Redis, RabbitMQ."""

pytest_plugins = ["babyowl_local.testing"]
