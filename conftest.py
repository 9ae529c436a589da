"""What every test of the repository may ask for, in whichever folder it lives."""

# Imported before pytest meets the tests below chassis/, or it takes that folder for a package of this name.
import chassis  # noqa: F401

pytest_plugins = ["tests.infra.fixtures"]
