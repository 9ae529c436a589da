"""Campaigns by the table: each row is a new draft of whoever brings it in."""

from __future__ import annotations

from chassis import dictionary
from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from marketing.campaign.commands import KIND
from marketing.campaign.model import Campaign


@in_bulk
def import_campaigns(tx: Transaction, batch: Batch) -> None:
    """Plan many campaigns; a name may be there twice, so a file that is brought in twice makes twice as many."""
    kinds = dictionary.known(tx, KIND, [row.values.get("kind", "") for row in batch])
    new: list[Campaign] = []
    for row in batch:
        with batch.judging(row):
            if row.values.get("kind") and row.values["kind"] not in kinds:
                batch.refuse(row, "Not a value of the dictionary", "/kind")
            elif batch.permits(row, is_new=True):
                new.append(Campaign.begin(row.values, by=tx.principal, at=tx.now))
    tx.publish_all([(campaign.created(), None) for campaign in tx.add_all(new)])
    batch.created = len(new)


def withdraw_campaign(tx: Transaction, campaign: Campaign) -> None:
    """An imported draft is thrown away. Raises NotInThisState when it is none any more."""
    tx.publish_removal(campaign, campaign.delete())
