"""How marks are counted (计分办法): one module, one method.

``choices/`` mark what is picked among options, ``parts/`` what has several parts. A marking rule
names a method for each kind of question and gives its numbers. To add a method, add a module with
``METHOD``; no other code needs editing: rules may name it, ``lms content check`` reads its numbers,
pages say it in words, and ``tests/question_bank/test_methods.py`` holds it to what all promise.
"""
