"""Buckets waste little and are few."""

import numpy as np

from lamina.engine.buckets import BLOCK, bucket, pad_rows


def test_buckets_hold_their_rows_and_waste_less_than_a_quarter():
    rows = np.arange(9, 20_000)
    sizes = np.array([bucket(n) for n in rows.tolist()])
    assert (sizes >= rows).all()
    assert (sizes < 1.25 * rows + 1).all()
    assert len(set(sizes)) < 50
    assert [bucket(n) for n in sizes.tolist()] == sizes.tolist()


def test_large_buckets_are_whole_blocks():
    assert all(bucket(n) % BLOCK == 0 for n in range(16_385, 200_000, 37))


def test_pad_rows():
    padded = pad_rows(np.ones((2, 3)), 4, np.float32)
    assert padded.dtype == np.float32
    assert padded.sum(axis=1).tolist() == [3, 3, 0, 0]
