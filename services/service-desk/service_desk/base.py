"""The tables of this service and nothing else."""

from sqlalchemy.orm import DeclarativeBase

from chassis.attachments import add_attachment_tables
from chassis.database import COLUMN_TYPES, new_metadata
from chassis.dictionary import add_dictionary_table
from chassis.handing_over import add_hand_over_table
from chassis.numbering import add_numbering_table
from chassis.people import add_people_table
from chassis.tables import add_bus_tables


class Base(DeclarativeBase):
    """The base of every mapped class here."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


add_bus_tables(Base.metadata)
add_attachment_tables(Base.metadata)
add_people_table(Base.metadata)
add_hand_over_table(Base.metadata)
add_dictionary_table(Base.metadata)
add_numbering_table(Base.metadata)
