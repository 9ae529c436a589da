"""Pipelines: the stages a deal goes through, with what each makes likely and asks for."""
