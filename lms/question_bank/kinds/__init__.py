"""One module, one kind. To add a kind, add a module here and its widget in
``templates/question_bank/kinds/``. Nothing else needs editing; the tests in
``tests/contracts/test_question_kinds.py`` pick it up.
"""
