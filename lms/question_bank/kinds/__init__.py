"""One module, one kind. To add a kind, add a module here and its widget in
``templates/question_bank/kinds/``. If it is to be marked, add its numbers to
``question_bank/rules/marking-official.toml``. No other code needs editing; the tests in
``tests/contracts/test_question_kinds.py`` pick it up.
"""
