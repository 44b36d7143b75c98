"""One module, one format. To add a format, add a module here with a ``FORMAT`` and a sample in
``tests/interop/samples/``. No other code needs editing; ``tests/contracts/test_formats.py`` picks
it up. Modules whose names begin with an underscore are helpers.
"""
