"""Fashion-MNIST, from installed files or the net."""

import gzip

import numpy as np
import pytest

from lamina.datasets import fashion_mnist
from lamina.datasets.fashion_mnist import CLASSES, FOLDER, load_data, read_idx


def write_idx(path, array):
    head = b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def test_installed_files(tmp_path, monkeypatch):
    images, labels = np.arange(12).reshape(3, 2, 2), np.arange(3)
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", labels)
    monkeypatch.setattr(fashion_mnist, "FOLDER", tmp_path)
    for X, y in load_data():
        np.testing.assert_array_equal(X, images)
        np.testing.assert_array_equal(y, labels)


def test_from_openml(tmp_path, monkeypatch):
    """Text labels and float pixels, all 70,000 rows in one table."""
    X, y = np.zeros((60_002, 784)), np.repeat("9", 60_002)
    monkeypatch.setattr(fashion_mnist, "FOLDER", tmp_path / "missing")
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda **_: (X, y))
    (X_train, y_train), (X_test, y_test) = load_data()
    assert (X_train.shape, X_test.shape, X_test.dtype) == ((60_000, 28, 28), (2, 28, 28), np.uint8)
    assert (len(y_train), y_test.tolist(), y_test.dtype) == (60_000, [9, 9], np.uint8)


def test_another_file(tmp_path):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(b"text"))
    with pytest.raises(ValueError, match="not an idx file of unsigned bytes: it starts with b'text'"):
        read_idx(path)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the Debian package dataset-fashion-mnist")
def test_the_real_images():
    """Published: 6,000 training and 1,000 test images of each class."""
    (X_train, y_train), (X_test, y_test) = load_data()
    assert (X_train.shape, X_test.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert np.bincount(y_train).tolist() == [6_000] * len(CLASSES)
    assert np.bincount(y_test).tolist() == [1_000] * len(CLASSES)
