import pytest

from bench.wire import Prepared, Reader

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Note: a\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n7;note=x\r\n, world\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(("raw", "body"), [(PLAIN, b"hello"), (CHUNKED, b"hello, world")])
def test_an_answer_is_whole_wherever_the_network_cuts_it(raw, body):
    for cut in range(1, len(raw)):
        reader = Reader()
        assert reader.feed(raw[:cut]) is None
        assert reader.feed(raw[cut:]).body == body


def test_answers_follow_each_other_on_one_connection():
    reader = Reader()
    assert reader.feed(PLAIN).headers["x-note"] == "a"
    assert reader.feed(CHUNKED).body == b"hello, world"
    assert reader.feed(PLAIN).status == 200


def test_what_came_early_of_the_next_answer_is_kept():
    reader = Reader()
    assert reader.feed(PLAIN + PLAIN[:20]).body == b"hello"
    assert reader.feed(PLAIN[20:]).body == b"hello"


def test_a_redirect_without_a_body_is_whole():
    answer = Reader().feed(b"HTTP/1.1 303 SEE OTHER\r\ncontent-length: 0\r\n\r\n")
    assert (answer.status, answer.body) == (303, b"")


def test_a_server_that_closes_says_so():
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert Reader().feed(raw).keeps_open is False


@pytest.mark.parametrize(
    ("raw", "why"),
    [(b"SSH-2.0-x\r\n\r\n", "not HTTP"), (b"HTTP/1.1 200 OK\r\n\r\nendless", "without a length")],
)
def test_what_has_no_end_is_refused(raw, why):
    with pytest.raises(ValueError, match=why):
        Reader().feed(raw)


def test_a_request_is_bytes_that_a_server_understands():
    raw = Prepared("POST", "/a?b=1", (("Cookie", "x=y"),), b"name=1").raw()
    head, body = raw.split(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert b"\r\nCookie: x=y\r\n" in head
    assert head.endswith(b"Content-Length: 6")
    assert body == b"name=1"


def test_a_page_is_asked_for_without_a_length():
    assert b"Content-Length" not in Prepared("GET", "/").raw()
