"""One module, one format, found by itself."""
