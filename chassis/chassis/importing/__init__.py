"""Spreadsheets that become records: read with distrust, kept part by part in the worker, and taken back on request."""
