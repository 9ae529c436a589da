"""The tables of this service and nothing else."""

from chassis.database import new_base
from chassis.people import add_people_table
from chassis.tables import add_bus_tables

Base = new_base()
add_bus_tables(Base.metadata)
add_people_table(Base.metadata)
