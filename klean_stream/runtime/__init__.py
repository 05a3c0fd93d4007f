"""All that knows Kafka: Faust app, batch transport, units of commitment, recovery, topics, metrics, settings."""
