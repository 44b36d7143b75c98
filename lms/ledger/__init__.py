"""The ledger (台账): monthly dispatch, evaluation, rectification."""
