import os

from bench import memory


def test_the_resident_size_is_read_in_megabytes():
    assert memory.parse_status("Name:\tpython\nVmRSS:\t  153600 kB\nThreads:\t4\n") == 150


def test_a_process_without_memory_holds_nothing():
    assert memory.parse_status("Name:\tkthreadd\nThreads:\t1\n") == 0


def test_of_several_processes_the_highest_counts():
    own = memory.highest([os.getpid(), 2**22 + 1])  # the second does not exist
    assert own is None or own > 5
