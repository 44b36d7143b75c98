import os
import subprocess
import sys

import pytest

from bench import cpu

STAT = "7 (a) b (c) S 3 7 7 0 -1 4194560 1 2 3 4 120 30 9 9 20 0 1 0 55"


def test_a_name_with_brackets_does_not_move_the_fields():
    assert cpu.parse_stat(STAT) == (3, 150)


def test_a_new_process_counts_from_its_birth():
    assert cpu.spent({1: 5.0, 2: 1.0}, {1: 5.5, 3: 0.25}) == pytest.approx(0.75)


def test_what_cannot_be_read_is_unknown():
    assert cpu.spent(None, {1: 1.0}) is None


@pytest.mark.skipif(not (cpu.PROC / "self" / "stat").is_file(), reason="there is no /proc here")
def test_own_children_are_found():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in cpu.descendants(os.getpid())
        assert child.pid in cpu.seconds([child.pid, 2**22 + 1])
    finally:
        child.communicate(b"\n")
