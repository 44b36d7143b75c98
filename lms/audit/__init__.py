"""The audit trail (审计日志): append-only, written in the same transaction as the deed.

Words: an *entry* says who (*actor*) did what (*verb*) to what (*subject*) and when. Entries are
*sealed* in batches: each gets a *link* in one hash chain, made by a job and before every
verification, so that writers never queue behind the chain. Not to be confused with the
client's ledgers (台账), which are a feature of their own.
"""
