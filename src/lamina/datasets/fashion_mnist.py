"""Fashion-MNIST: 70,000 grey images of 28 x 28 pixels in 10 classes of clothing.

From the files of the Debian package ``dataset-fashion-mnist`` where they are installed, else from OpenML.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

FOLDER = Path("/usr/share/datasets/fashion-mnist")
OPENML_ID = 40996
TRAIN_ROWS = 60_000

#: names of the classes 0 to 9
CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

Images = tuple[np.ndarray, np.ndarray]


def load_data() -> tuple[Images, Images]:
    """Training and test images with their labels.

    Returns
    -------
    (X_train, y_train), (X_test, y_test) : tuple of tuples of ndarray
        Images of shape (60000, 28, 28) and (10000, 28, 28), labels of shape (60000,) and (10000,), all uint8.

    Raises
    ------
    OSError
        If the files are not installed and OpenML cannot be reached.

    References
    ----------
    Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017.

    Examples
    --------
    >>> from lamina.datasets import fashion_mnist
    >>> (X_train, y_train), (X_test, y_test) = fashion_mnist.load_data()  # doctest: +SKIP
    >>> X_train.shape, X_train.max()  # doctest: +SKIP
    ((60000, 28, 28), 255)
    """
    if FOLDER.is_dir():
        return _installed("train"), _installed("t10k")
    from sklearn.datasets import fetch_openml

    X, y = fetch_openml(data_id=OPENML_ID, return_X_y=True, as_frame=False, parser="liac-arff")
    X, y = X.reshape(-1, 28, 28).astype(np.uint8), y.astype(np.uint8)
    return (X[:TRAIN_ROWS], y[:TRAIN_ROWS]), (X[TRAIN_ROWS:], y[TRAIN_ROWS:])


def _installed(part: str) -> Images:
    return read_idx(FOLDER / f"{part}-images-idx3-ubyte.gz"), read_idx(FOLDER / f"{part}-labels-idx1-ubyte.gz")


def read_idx(path: Path) -> np.ndarray:
    """The array in a compressed idx file of unsigned bytes."""
    with gzip.open(path) as file:
        magic = file.read(4)
        if magic[:3] != b"\0\0\x08":
            raise ValueError(f"{path} is not an idx file of unsigned bytes: it starts with {magic!r}")
        shape = np.frombuffer(file.read(4 * magic[3]), ">i4")
        return np.frombuffer(file.read(), np.uint8).reshape(shape)
