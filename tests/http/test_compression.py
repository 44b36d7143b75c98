"""What is sent compressed, and to whom."""

import brotli
import pytest


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),  # a browser of today
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),  # no brotli, and says so
        ("br;q=0.5, gzip;q=1", "gzip"),
        ("", None),
        ("identity", None),
    ],
)
def test_a_page_is_sent_as_the_browser_takes_it(client, accepted, encoding):
    page = client.get("/verify", headers={"Accept-Encoding": accepted})
    assert page.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in page.headers["Vary"]
    assert int(page.headers["Content-Length"]) == len(page.data)


def test_what_is_sent_is_the_page(client):
    plain = client.get("/verify").text
    packed = client.get("/verify", headers={"Accept-Encoding": "br"})
    text = brotli.decompress(packed.data).decode()
    assert text.splitlines()[0] == plain.splitlines()[0]
    assert text.endswith("</html>") == plain.endswith("</html>")
    assert len(packed.data) < len(text.encode()) / 2


def test_a_refusal_is_not_taken_for_a_page(client):
    refused = client.get("/nowhere", headers={"Accept-Encoding": "br"})
    assert refused.status_code == 404
    assert b"</html>" in refused.data
