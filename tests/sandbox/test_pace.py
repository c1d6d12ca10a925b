from hypothesis import given
from hypothesis import strategies as st

from compliance.sandbox.pace import Bucket, too_soon


def test_a_call_that_keeps_the_interval_is_never_too_soon():
    assert not too_soon(last=None, now=0.0, interval=1.0)
    assert not too_soon(last=1.0, now=2.0, interval=1.0)
    assert not too_soon(last=1.0, now=1.0, interval=0.0)
    assert too_soon(last=1.0, now=1.9, interval=1.0)


@given(st.integers(1, 50), st.lists(st.floats(0, 0.2), max_size=200))
def test_a_bucket_never_takes_more_than_its_rate_and_one_second_of_it(rate, gaps):
    bucket, now, taken = Bucket(), 0.0, 0

    for gap in gaps:
        now += gap
        taken += bucket.takes(now=now, rate=rate)

    assert taken <= rate * now + rate + 1e-6


def test_a_bucket_without_a_rate_takes_everything():
    bucket = Bucket()

    assert all(bucket.takes(now=0.0, rate=0) for _ in range(1000))
