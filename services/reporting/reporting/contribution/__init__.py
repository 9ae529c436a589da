"""Contribution: what each customer bought, per year and currency, credit notes taken off."""
