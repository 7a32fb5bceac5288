"""Events over RabbitMQ: topology, relay, consumers, redrive and replay."""
