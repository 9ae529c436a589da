"""Rights of tags, pool, merge, bin and transfer, and settings: nothing to change; seeds run after a migration."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: the tables are as they were."""


def downgrade() -> None:
    """Nothing."""
