"""Reads across features, by subject: team, trail, own_data."""
