"""Small pictures that pages and files draw themselves."""

import segno


def qr_picture(text: str) -> str:
    """Return a text as a QR code, for the ``src`` of an image."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=2))
