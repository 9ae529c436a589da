"""What no single service can test: journeys, contracts, faults, the browser, house rules, benchmarks."""
