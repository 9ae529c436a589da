"""Webhooks: addresses outside that are told what happens here."""
