"""What every test of the repository may ask for, in whichever folder it lives."""

pytest_plugins = ["tests.infra.fixtures"]
