"""Reads across features: who is behind, the audit trail with names, all data of a person."""
