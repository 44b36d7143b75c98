"""Against a server of the standard library: nothing of ours has to be there."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat

import pytest

from bench import generator
from bench.wire import Prepared


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"hello"
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/once":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def send(requests, port, **values):
    values = {"connections": 4, "seconds": 5, "at_most": 40} | values
    return generator.send(iter(requests), port=port, **values)


def test_a_turn_is_bounded_by_number(port):
    load = send(repeat(Prepared("GET", "/")), port)
    assert len(load.latencies) == 40
    assert load.refused == 0


def test_a_turn_is_bounded_by_time(port):
    load = send(repeat(Prepared("GET", "/")), port, seconds=0.05, at_most=10**6)
    assert load.latencies
    assert load.seconds < 3


def test_a_turn_ends_when_there_is_nothing_left_to_send(port):
    assert len(send([Prepared("GET", "/")] * 3, port).latencies) == 3


def test_a_bounded_turn_takes_nothing_away_from_the_next(port):
    requests = iter([Prepared("GET", "/")] * 5)
    send(requests, port, at_most=3)
    assert len(list(requests)) == 2


def test_an_unexpected_status_is_counted_and_named(port):
    load = send([Prepared("GET", "/"), Prepared("GET", "/nowhere")], port)
    assert load.refused == 1
    assert load.first_refusal == "GET /nowhere: 404, not 200"


def test_a_connection_that_the_server_closes_is_opened_again(port):
    load = send([Prepared("GET", "/once", expected=404)] * 8, port, connections=2)
    assert (len(load.latencies), load.refused) == (8, 0)


def test_one_request_can_be_asked(port):
    assert generator.ask(Prepared("GET", "/"), port=port).body == b"hello"
