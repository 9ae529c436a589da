"""The tables of this service and nothing else."""

from sqlalchemy.orm import DeclarativeBase

from chassis.database import COLUMN_TYPES, new_metadata
from chassis.tables import add_bus_tables

NAME = "reporting"
CONSUMER = f"{NAME}.events"


class Base(DeclarativeBase):
    """The base of every mapped class here; what is folded from events has no class."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


metadata = Base.metadata
add_bus_tables(metadata)
