"""PostgreSQL and RabbitMQ for tests: found or started, private, and gone afterwards."""
