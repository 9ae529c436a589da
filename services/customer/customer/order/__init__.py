"""An order: what a customer bought, as the sales system tells us; a credit note takes some of it back."""
