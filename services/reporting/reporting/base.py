"""The tables of this service and nothing else."""

from chassis.database import new_metadata
from chassis.tables import add_bus_tables

NAME = "reporting"
CONSUMER = f"{NAME}.events"

metadata = new_metadata()
add_bus_tables(metadata)
