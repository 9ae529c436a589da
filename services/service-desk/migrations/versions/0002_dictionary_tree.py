"""The whole dictionary, with its tree, in every service that asks it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.migrations import hear_again

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("dictionary_copy")
    op.create_table(
        "dictionary_copy",
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=50), nullable=False),
        sa.Column("parent", sa.String(length=50), nullable=False),
        sa.Column("text", sa.String(length=50), nullable=False),
        sa.Column("text_en", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_dictionary_copy")),
    )
    with op.batch_alter_table("dictionary_copy", schema=None) as batch_op:
        batch_op.create_index("dictionary_copy_by_kind", ["kind", "value"], unique=False)

    hear_again(op.get_bind(), "identity", "dictionary")


def downgrade() -> None:
    op.drop_table("dictionary_copy")
    op.create_table(
        "dictionary_copy",
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=50), nullable=False),
        sa.Column("text", sa.String(length=50), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_dictionary_copy")),
    )
    hear_again(op.get_bind(), "identity", "dictionary")
