"""Coming back after a loss: what no single service can test, with real processes, brokers and files."""
