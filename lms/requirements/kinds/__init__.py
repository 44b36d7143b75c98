"""One module, one kind of requirement. To add a kind, add a module here. Nothing else needs
editing; the tests in ``tests/contracts/test_requirement_kinds.py`` pick it up.
"""
