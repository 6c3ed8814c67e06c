"""Bad input: refused before training, with a message that says where it is and what to do."""

import math

import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from scipy.special import expit
from sklearn import neural_network
from sklearn.base import clone
from sklearn.datasets import load_digits

from lamina import MLPClassifier, MLPRegressor
from lamina.checks import Name
from lamina.errors import DataError, InvalidParameter, UnknownName

X, Y = load_digits(return_X_y=True)
X, Y = X[:120] / 16.0, Y[:120]
NAMES = [f"pixel {i}" for i in range(64)]
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}
CLASSIFIER, REGRESSOR = MLPClassifier(**SMALL), MLPRegressor(**SMALL)
EARLY = {"early_stopping": True, "validation_fraction": 0.1}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def refused(model, X, y, match, error=DataError, **fit_parameters):
    """`fit` raises, and has drawn no weights."""
    model = clone(model)
    with pytest.raises(error, match=match):
        model.fit(X, y, **fit_parameters)
    assert not hasattr(model, "coefs_")


def hole(value, column=5):
    holed = X.copy()
    holed[3, column] = value
    return holed


# -- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [np.array, csr_matrix, csc_matrix])
@pytest.mark.parametrize(("value", "what"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")])
def test_non_finite_values_name_the_column(form, value, what):
    """Row 44: before training, not after it."""
    refused(CLASSIFIER, form(hole(value)), Y, rf"contains {what}.* in column 5 \(1 rows\)")


def test_missing_values_of_tables_name_the_column():
    """Row 131: None, null and NA are missing values."""
    pandas, polars = pd.DataFrame(X, columns=NAMES), pl.DataFrame(X, schema=NAMES)
    missing = pandas["pixel 20"].where(pandas["pixel 20"] < 0.5)
    for table in (
        pandas.assign(**{"pixel 20": missing}),
        pandas.assign(**{"pixel 20": missing.astype("Float64")}),
        pandas.assign(**{"pixel 20": missing.astype(object).where(missing.notna(), None)}),
        polars.with_columns(pl.when(pl.col("pixel 20") < 0.5).then(pl.col("pixel 20")).alias("pixel 20")),
    ):
        refused(CLASSIFIER, table, Y, r'NaN in column "pixel 20" .*SimpleImputer')


def test_missing_value_in_a_constant_column_is_named():
    """Row 131: such a column has no spread to divide by, and elsewhere made the loss NaN."""
    table = np.where(np.arange(64) == 9, 2.0, X)
    clone(CLASSIFIER).fit(table, Y)  # constant alone is no problem
    table[4, 9] = np.nan
    refused(CLASSIFIER, table, Y, "NaN in column 9")


def test_text_names_the_column():
    """Row 130: text must be encoded first."""
    pandas, polars = pd.DataFrame(X, columns=NAMES), pl.DataFrame(X, schema=NAMES)
    for table in (
        pandas.assign(**{"pixel 7": "grey"}),
        pandas.assign(**{"pixel 7": pd.Categorical(["grey"] * 120)}),
        polars.with_columns(pl.lit("grey").alias("pixel 7")),
    ):
        refused(CLASSIFIER, table, Y, r'Column "pixel 7" of X holds text: .*grey.*OneHotEncoder')
    refused(CLASSIFIER, pandas.assign(**{"pixel 7": "grey"}).to_numpy(object), Y, "Column 7 of X holds text")


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (X[0], "Expected 2D array, got 1D array"),
        (X.reshape(120, 8, 8), "dim 3, while dim <= 2 is required by MLPClassifier"),
        (X[:0], r"0 sample\(s\)"),
        (X[:5], r"inconsistent numbers of samples: \[5, 120\]"),
    ],
)
def test_wrong_shapes(rows, match):
    refused(CLASSIFIER, rows, Y[: len(rows)] if len(rows) == 0 else Y, match, ValueError)


def test_wrong_shapes_in_prediction():
    model = clone(CLASSIFIER).fit(X, Y)
    for rows, match in [
        (X[0], "Expected 2D array, got 1D array"),
        (X[:, :5], "X has 5 features, but MLPClassifier is expecting 64"),
        (hole(np.nan), "NaN in column 5"),
        (X.reshape(120, 8, 8), "dim 3"),
    ]:
        with pytest.raises(ValueError, match=match):
            model.predict(rows)


# -- validation rows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (X, r"expects a tuple \(X_val, y_val\).*Received ndarray of length 120"),
        ((X,), "Received tuple of length 1"),
        ("ab", "Received str of length 2"),
        (5, "Received int"),
        ((X[:, :5], Y), "validation_data: X has 5 features, but MLPClassifier is expecting 64"),
        ((X, Y[:9]), r"validation_data: .*inconsistent numbers of samples: \[120, 9\]"),
        ((hole(np.nan), Y), "validation_data: Input X contains NaN in column 5"),
        ((X, Y + 1), r"validation_data: .*classes not in `self.classes_`.*\[10\]"),
        ((X, np.eye(10, dtype=int)[Y]), "validation_data: y has 10 columns, but expected is y with 1"),
        ((X, Y, np.ones(9)), r"validation_data: sample_weight.shape == \(9,\)"),
        ((X, Y, np.zeros(120)), "validation_data: .*at least one non-zero"),
        ((X, Y, -np.ones(120)), "validation_data: .*positive sum"),
        ((X[:0], Y[:0]), r"validation_data: .*0 sample\(s\)"),
    ],
)
def test_validation_data(given, match):
    """Row 86: an error in the validation rows says that it is there."""
    refused(CLASSIFIER, X, Y, match, validation_data=given)


def test_validation_data_with_other_outputs_or_names():
    """Row 86: as many targets and the same columns as in training."""
    refused(REGRESSOR, X, Y, "y_val has 2 outputs, but y has 1", validation_data=(X, np.c_[Y, Y]))
    refused(CLASSIFIER, X, np.c_[Y > 4, Y % 2], "y has 3 columns", validation_data=(X, np.ones((120, 3), int)))
    table = pd.DataFrame(X, columns=NAMES)
    changed = table.rename(columns={"pixel 3": "dot"})
    match = r"validation_data: (?s:.)*- pixel 3\n\+ dot\n  \(63 columns are in both\)"
    refused(CLASSIFIER, table, Y, match, validation_data=(changed, Y))


@pytest.mark.parametrize(
    ("model", "y", "match"),
    [
        (MLPClassifier(**SMALL, **EARLY), [0, 1, 0, 1, 0], "validation_fraction=0.1 of 5 rows"),
        (MLPClassifier(**SMALL, **EARLY | {"validation_fraction": 0.9}), [0, 1, 0, 1, 0], "train set will be empty"),
        (MLPRegressor(**SMALL, **EARLY | {"validation_fraction": 0.99}), [0.0, 1, 2, 3, 4], "train set will be empty"),
        (MLPRegressor(**SMALL, **EARLY), [0.0, 1, 2, 3, 4], "validation set is too small.*leaves 1 for validation"),
        (MLPClassifier(**SMALL, **EARLY), [0, 0, 0, 0, 1], "only 1 member"),
        (MLPRegressor(**SMALL, **EARLY | {"validation_fraction": 0.0}), [0.0, 1, 2, 3, 4], "validation_fraction=0.0"),
    ],
)
def test_too_few_rows_to_hold_some_out(model, y, match):
    """Row 84: the message names the parameter to change, and the way around it works."""
    with pytest.raises(DataError, match=match):
        clone(model).fit(X[:5], y)
    clone(model).fit(X[:5], y, validation_data=(X[:5], y))


# -- weights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "match"),
    [
        (np.zeros(120), "at least one non-zero"),
        (-np.ones(120), "sum to -120; training expects a positive sum. 120 of 120 are negative"),
        (np.r_[np.nan, np.ones(119)], "sample_weight contains NaN"),
        (np.ones(5), r"sample_weight.shape == \(5,\), expected \(120,\)"),
        (np.ones((120, 2)), "Sample weights must be 1D"),
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sample_weights_that_mean_nothing(weight, match, solver):
    """Row 124."""
    refused(clone(CLASSIFIER).set_params(solver=solver), X, Y, match, ValueError, sample_weight=weight)


def test_class_weights_that_mean_nothing():
    """Row 125: no class has a weight."""
    model = MLPClassifier(**SMALL, class_weight=dict.fromkeys(range(10), 0.0))
    refused(model, X, Y, "All sample weights are zero")
    refused(MLPClassifier(**SMALL, class_weight="balancd"), X, Y, 'Did you mean "balanced"', UnknownName)
    refused(MLPClassifier(**SMALL, class_weight={77: 2.0}), X, Y, "not in class_weight", ValueError)


def test_some_negative_and_zero_weights_are_scikit_learns():
    """Row 124: as there, single weights may be negative or zero. 1e-9: two epochs, sums in another order."""
    weight = np.random.RandomState(0).uniform(0.5, 1.5, 120)
    weight[:5], weight[5:10] = -0.5, 0
    theirs = neural_network.MLPClassifier(**SMALL).fit(X, Y, sample_weight=weight)
    ours = clone(CLASSIFIER).fit(X, Y, sample_weight=weight)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    assert ours.loss_ != clone(CLASSIFIER).fit(X, Y).loss_


SHAPES = [(64, 6), (6, 10)]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"coefs_init": [np.ones((64, 6))]}, r"coefs_init has shapes \[\(64, 6\)\], but this network has"),
        ({"coefs_init": [np.ones((6, 64)), np.ones((10, 6))]}, r"coefs_init has shapes \[\(6, 64\), \(10, 6\)\]"),
        ({"intercepts_init": [np.ones((6, 1)), np.ones((10, 1))]}, r"intercepts_init has shapes \[\(6, 1\)"),
        ({"coefs_init": [np.ones((64, 6)), np.full((6, 10), np.nan)]}, r"coefs_init\[1\] contains NaN"),
        ({"coefs_init": 5}, "coefs_init expects a list of arrays, one per layer. Received int"),
        ({"intercepts_init": np.ones(6)}, "intercepts_init expects a list of arrays, one per layer. Received ndarray"),
    ],
)
def test_first_weights_of_another_network(given, match):
    """Row 30."""
    with pytest.raises(DataError, match=match):
        clone(CLASSIFIER).fit(X, Y, **given)


# -- parameters -------------------------------------------------------------------------------------------------------


NAMED = [
    ("activation", "rleu", "relu"),
    ("activation", ["tahn"], "tanh"),
    ("solver", "adm", "adam"),
    ("solver", "Adam", "adam"),
    ("learning_rate", "adaptve", "adaptive"),
    ("learning_rate_init", "fnid", "find"),
    ("batch_size", "atuo", "auto"),
    ("scoring", "los", "loss"),
    ("dtype", "float46", "float64"),
    ("kernel_initializer", "he_nromal", "he_normal"),
    ("normalization", "bacth", "batch"),
    ("norm_position", "befor", "before"),
    ("pretrain", "contrastiv", "contrastive"),
]


@pytest.mark.parametrize(
    ("cls", "name", "given", "meant"),
    [
        *((cls, *case) for cls in (MLPClassifier, MLPRegressor) for case in NAMED),
        (MLPRegressor, "loss", "squared_eror", "squared_error"),
        (MLPClassifier, "class_weight", "balance", "balanced"),
    ],
)
def test_misspelt_names(cls, name, given, meant):
    model = cls(**SMALL).set_params(**{name: given})
    refused(model, X, Y, f'{name} .*Did you mean "{meant}"', UnknownName)


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_no_named_parameter_is_forgotten(cls):
    named = {name for name, allowed in cls._constraints.items() if any(isinstance(c, Name) for c in allowed)}
    assert named <= {name for name, *_ in NAMED} | {"loss", "class_weight"}


@pytest.mark.parametrize("first", [(100,), [100], 100, np.int64(100), np.array([100])])
def test_loss_comes_first(first):
    match = r"first parameter of MLPRegressor is loss.*Did you mean MLPRegressor\(hidden_layer_sizes="
    refused(MLPRegressor(first), X, Y, match, InvalidParameter)


@pytest.mark.parametrize("given", [["relu", "tanh"], []])
def test_as_many_activations_as_layers(given):
    """Row 5."""
    match = f"activation has {len(given)} entries for 1 hidden layers"
    refused(MLPClassifier((6,), activation=given), X, Y, match, InvalidParameter)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    "activation",
    [
        np.tanh,
        expit,
        math.tanh,
        lambda z: np.maximum(z, 0),
        lambda z: np.where(z > 0, z, 0),
        lambda z: z if z > 0 else 0,
    ],
)
def test_activation_that_is_not_written_for_jax(activation, solver):
    """Row 21: NumPy, SciPy, math and `if` cannot be traced; the message says what can."""
    model = MLPClassifier((6,), activation, solver=solver)
    refused(model, X, Y, r"cannot be traced by JAX.*jax\.numpy\.tanh, jax\.numpy\.maximum", InvalidParameter)


def test_jax_functions_are_activations():
    """Row 21: the same function, named and passed, learns the same (1e-9: it may be computed in another order)."""
    named, passed = (MLPClassifier(**SMALL, activation=a).fit(X, Y) for a in ("tanh", jnp.tanh))
    np.testing.assert_allclose(passed.loss_curve_, named.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize(
    ("activation", "makes"),
    [
        (lambda z: z.sum(), r"float32 of shape \(\)"),
        (lambda z: z[:, :2], r"float32 of shape \(2, 2\)"),
        (lambda z: z > 0, "bool of shape"),
        (lambda z: None, "NoneType"),
    ],
)
def test_activation_that_changes_the_shape(activation, makes):
    """Row 21."""
    refused(MLPClassifier((6,), [activation]), X, Y, f"makes {makes} .*It must keep both", InvalidParameter)


# -- targets ----------------------------------------------------------------------------------------------------------


def test_labels_of_another_kind_in_partial_fit():
    """Row 127: one label per row and several do not mix."""
    labels = np.c_[Y > 4, Y % 2].astype(int)
    one = clone(CLASSIFIER).partial_fit(X, Y, classes=range(10))
    with pytest.raises(DataError, match="y has 2 columns, but expected is y with 1"):
        one.partial_fit(X, labels)
    several = clone(CLASSIFIER).partial_fit(X, labels)
    with pytest.raises(DataError, match="y has 1 columns, but expected is y with 2"):
        several.partial_fit(X, Y)


def test_classes_of_partial_fit():
    """Row 127."""
    with pytest.raises(DataError, match="classes must be passed on the first call"):
        clone(CLASSIFIER).partial_fit(X, Y)
    with pytest.raises(DataError, match=r"classes not in `self.classes_`.*drop the rows of \[3 4 5 6 7 8 9\]"):
        clone(CLASSIFIER).partial_fit(X, Y, classes=[0, 1, 2])
    model = clone(CLASSIFIER).partial_fit(X, Y % 3, classes=[0, 1, 2])
    with pytest.raises(DataError, match="not the same as on last call"):
        model.partial_fit(X, Y % 3, classes=[0, 1, 2, 3])
    with pytest.raises(DataError, match=r"Fit a new one|outputs"):
        clone(REGRESSOR).partial_fit(X, Y).partial_fit(X, np.c_[Y, Y])


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_large_targets_train_or_say_how_to_scale(solver):
    """Row 133: one warning, also with validation rows; the weights stay finite."""
    model = MLPRegressor(**SMALL, solver=solver)
    with pytest.warns(UserWarning, match="TransformedTargetRegressor") as caught:
        model.fit(X, Y * 1e5, validation_data=(X, Y * 1e5))
    assert sum("TransformedTargetRegressor" in str(warning.message) for warning in caught) == 1
    assert np.isfinite(model.predict(X)).all()
