"""What the server sets before it starts workers."""

import platform
import subprocess
import sys

import pytest

FORKED = """
import os, threading
from lms.kernel import hashing
from lms.web import serve

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

serve.be_thrifty()
child = os.fork()
if child == 0:
    before = held()
    for _ in range(2):
        thread = threading.Thread(target=hashing.make_hash, args=("some password",))
        thread.start()
        thread.join()
    os._exit(0 if held() - before < 10 else 1)
_, status = os.waitpid(child, 0)
assert os.environ["MALLOC_ARENA_MAX"] == "2"
raise SystemExit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_a_worker_hands_back_what_hashing_took():
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
