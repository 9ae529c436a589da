"""How quick the bus is, in ratios of one run: against a naive one, against bare pika, against one event at a time."""
