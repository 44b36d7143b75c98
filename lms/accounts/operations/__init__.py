"""Deeds about accounts. Each writes its own line of the audit trail."""
