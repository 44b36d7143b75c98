"""Exchange with other programs: one module in :mod:`lms.interop.formats` is one format."""
