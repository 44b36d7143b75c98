"""Reads across features: who is behind, by unit."""
