"""What every test of the repository may ask for, in whichever folder it lives."""

# Imported before pytest meets the tests below chassis/ and gateway/, or it takes those folders for the packages.
import chassis  # noqa: F401
import gateway  # noqa: F401

pytest_plugins = ["tests.infra.fixtures", "tests.toy_databases", "tests.faults.plugin"]
