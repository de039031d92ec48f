"""Checks that no tool of the registries makes for us."""
