"""The tables of this service and nothing else."""

from sqlalchemy.orm import DeclarativeBase

from chassis.database import COLUMN_TYPES, new_metadata
from chassis.importing.tables import add_import_tables
from chassis.tables import add_bus_tables


class Base(DeclarativeBase):
    """The base of every mapped class here."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


add_bus_tables(Base.metadata)
add_import_tables(Base.metadata)
