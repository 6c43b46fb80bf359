"""Measures speed and size of the portal, each figure beside a floor measured in the same minutes: `make bench`."""
