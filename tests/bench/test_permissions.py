"""The measure of what asking for permission costs."""

from bench.permissions import median_of


def test_the_median_is_of_what_was_done_after_a_first_time():
    done = []
    assert median_of(lambda: done.append(1), times=5) >= 0
    assert len(done) == 6
