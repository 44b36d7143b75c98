"""Reading the files that people send: spreadsheets and texts become rows of texts."""

from lms.interop.content.tables import read_table

__all__ = ["read_table"]
