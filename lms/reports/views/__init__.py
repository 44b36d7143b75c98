"""Pages across features: units and people, the audit trail, everything held of one person."""
