"""Methods for questions of several parts, each right or wrong. One module, one method."""
