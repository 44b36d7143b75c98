"""Methods for questions that are answered by picking options. One module, one method."""
