"""What a list says and what is to become of its rows. Pure."""
