"""``python -m lms`` is the command ``lms``."""

from lms.web.cli import main

main()
