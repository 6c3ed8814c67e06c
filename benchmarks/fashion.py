"""Fashion-MNIST: from the Debian package `dataset-fashion-mnist`, else from OpenML."""

import gzip
from pathlib import Path

import numpy as np

FOLDER = Path("/usr/share/datasets/fashion-mnist")
OPENML_ID = 40996
TRAIN_ROWS = 60_000


def load(rows: int = TRAIN_ROWS) -> tuple[np.ndarray, np.ndarray]:
    """The first training images as float32 rows in [0, 1], and their labels."""
    if FOLDER.is_dir():
        X = read_idx(FOLDER / "train-images-idx3-ubyte.gz", rows).reshape(rows, -1)
        y = read_idx(FOLDER / "train-labels-idx1-ubyte.gz", rows)
    else:
        from sklearn.datasets import fetch_openml

        X, y = fetch_openml(data_id=OPENML_ID, return_X_y=True, as_frame=False, parser="liac-arff")
        X, y = X[:rows], y[:rows]
    return X.astype(np.float32) / np.float32(255), y.astype(np.int64)


def read_idx(path: Path, rows: int) -> np.ndarray:
    """The first `rows` entries of an idx file of unsigned bytes."""
    with gzip.open(path) as file:
        magic = file.read(4)
        if magic[:3] != b"\0\0\x08":
            raise ValueError(f"{path} is not an idx file of unsigned bytes: it starts with {magic!r}")
        total, *inner = np.frombuffer(file.read(4 * magic[3]), ">i4").tolist()
        if rows > total:
            raise ValueError(f"{path} has {total} entries, {rows} were asked for")
        size = int(np.prod(inner, dtype=int))
        return np.frombuffer(file.read(rows * size), np.uint8).reshape(rows, *inner)
