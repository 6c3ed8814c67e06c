"""The rows that a source takes: columns by name, images, and what stands in the way."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from lamina.errors import DataError
from lamina.reuse.columns import Columns

TABLE = pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, 5, 6], "c": [7.0, 8, 10]})


def named(preprocessing=None):
    return Columns((3,), 3, ("a", "b", "c"), preprocessing)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_names_in_any_order(library):
    """Additional columns are left out, in fit and afterwards; the estimator remembers those that are used."""
    mixed = TABLE.assign(more=0.0)[["c", "more", "a", "b"]]
    mixed = pl.from_pandas(mixed) if library == "polars" else mixed
    estimator = BaseEstimator()
    for reset in (True, False):
        np.testing.assert_array_equal(np.asarray(named().rows(estimator, mixed, reset)), TABLE)
    assert estimator.feature_names_in_.tolist() == ["a", "b", "c"]
    assert estimator.n_features_in_ == 3
    np.testing.assert_array_equal(np.asarray(named().rows(estimator, TABLE[["b", "c", "a"]], False)), TABLE)


def test_preprocessing():
    """Rows go through the source's transformers, which may want names themselves."""
    scaler = Pipeline([("pick", ColumnTransformer([("scale", StandardScaler(), ["c", "a"])]))]).fit(TABLE)
    rows = named(scaler).rows(BaseEstimator(), TABLE[["b", "c", "a"]], True)
    np.testing.assert_allclose(rows, StandardScaler().fit_transform(TABLE[["c", "a"]]))


def test_texts():
    """What has no columns before the source's first transformer."""
    texts = ["a cat and a dog", "a dog", "two cats"]
    words = Pipeline([("words", CountVectorizer())]).fit(texts)
    rows = Columns((6,), 6, (), words).rows(BaseEstimator(), texts[:2], True)
    np.testing.assert_array_equal(rows.toarray(), words.transform(texts[:2]).toarray())


def test_missing_columns():
    with pytest.raises(DataError) as error:
        named().rows(BaseEstimator(), TABLE.rename(columns={"b": "B"}), True)
    assert "trained on 3 columns, of which X lacks 1. Rename those that mean the same" in str(error.value)
    assert str(error.value).endswith("  a\n- b\n  c\n+ B")


def test_arrays_by_position():
    for X in (TABLE.to_numpy(), TABLE.to_numpy().tolist(), TABLE.rename(columns=str.upper).to_numpy()):
        np.testing.assert_array_equal(named().rows(BaseEstimator(), X, True), TABLE)
    sparse = named().rows(BaseEstimator(), sp.csr_array(TABLE.to_numpy()), True)
    np.testing.assert_array_equal(sparse.toarray(), TABLE)


def test_images_are_rows():
    """Images of the size, whether the source was trained on images or on rows of them."""
    images = np.arange(128.0).reshape(2, 8, 8)
    for shape in ((8, 8), (8, 8, 1), (64,)):
        np.testing.assert_array_equal(Columns(shape, 64).rows(BaseEstimator(), images, True), images.reshape(2, 64))


@pytest.mark.parametrize(
    ("columns", "X", "message"),
    [
        (named(), np.ones((2, 4)), r"takes 3 columns, but X has 4. Give its columns in its order \(a, b, c\), or a"),
        (Columns((3,), 3), np.ones((2, 4)), "takes 3 columns, but X has 4. Give its columns in its order."),
        (Columns((8, 8), 64), np.ones((2, 49)), r"ResizeImages\(\(7, 7\), \(8, 8\)\), FineTune"),
        (Columns((64,), 64), np.ones((2, 7, 7)), r"ResizeImages\(\(7, 7\), \(8, 8\)\), FineTune"),
        (Columns((8, 8, 1), 64), np.ones((2, 7, 7)), r"ResizeImages\(\(7, 7\), \(8, 8\)\), FineTune"),
        (Columns((8, 8), 64), np.ones((2, 4, 16)), r"rows of shape \(8, 8\), but received \(4, 16\)"),
        (Columns((5,), 5), np.ones((2, 2, 2)), r"rows of shape \(5,\), but received \(2, 2\). Give its columns"),
    ],
)
def test_other_sizes(columns, X, message):
    """What to do: order, names, or `ResizeImages`, which takes the sizes that are named."""
    with pytest.raises(DataError, match=message):
        columns.rows(BaseEstimator(), X, True)
