"""The autoencoder: what it reconstructs, against PCA and by hand, and that it is an estimator like the others."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.linalg import subspace_angles
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from lamina import Autoencoder, MLPClassifier, load
from lamina.callbacks import Callback
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.layers import ActivityRegularization, DenseTranspose, SwapNoise
from lamina.search import PopulationSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DIGITS, NUMBERS = load_digits(return_X_y=True)
DIGITS = (DIGITS / 16).astype(np.float32)
SMALL = {"hidden_layer_sizes": (12, 6), "max_iter": 3, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    return Autoencoder(**SMALL).fit(DIGITS[:400])


@pytest.fixture(scope="module")
def table():
    """Everything in a row follows from which of three kinds it is; a seventh of the cells are missing."""
    rng = np.random.RandomState(0)
    kind = rng.randint(3, size=420)
    table = pd.DataFrame(
        {
            "size": 100.0 * kind + rng.randn(420),
            "even": kind != 1,
            "colour": np.array(["red", "green", "blue"])[kind],
            "weight": 5.0 - kind,
        }
    )
    holes = table.copy()
    holes.loc[0::7, "size"] = np.nan
    holes.loc[3::7, "colour"] = None
    return holes, table


@pytest.fixture(scope="module")
def of_table(table):
    parameters = {"activation": "tanh", "solver": "lbfgs", "max_iter": 150, "random_state": 0}
    return Autoencoder((8, 3), **parameters).fit(table[0])


# -- what it learns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tied", [False, True])
def test_a_linear_one_finds_the_principal_components(tied):
    """Row 101. L-BFGS ends where a step lowers the loss by 2e-9 of it; 1e-6 leaves room for slow steps."""
    X = load_diabetes().data * 20
    linear = {"activation": "identity", "solver": "lbfgs", "max_iter": 5000, "tol": 1e-8}
    ae, pca = Autoencoder((3,), tied=tied, random_state=0, **linear).fit(X), PCA(3).fit(X)
    best = ((X - pca.inverse_transform(pca.transform(X))) ** 2).mean()
    np.testing.assert_allclose(-ae.score(X), best, rtol=1e-6)
    back = ae.inverse_transform(np.eye(3)) - ae.inverse_transform(np.zeros((3, 3)))
    assert subspace_angles(back.T, pca.components_.T).max() < 1e-2


def test_reconstruction_error_by_hand(fitted):
    """float32 sums of 64 squares: 1e-5."""
    back = fitted.inverse_transform(fitted.transform(DIGITS))
    np.testing.assert_allclose(fitted.reconstruction_error(DIGITS), ((DIGITS - back) ** 2).mean(axis=1), rtol=1e-5)
    assert fitted.score(DIGITS) == pytest.approx(-fitted.reconstruction_error(DIGITS).mean())
    assert fitted.evaluate(DIGITS, return_dict=True)["loss"] == pytest.approx(-fitted.score(DIGITS), rel=1e-5)


def test_binary_crossentropy_by_hand():
    ae = Autoencoder(loss="binary_crossentropy", **SMALL).fit(DIGITS[:400])
    p = ae.inverse_transform(ae.transform(DIGITS[:50])).astype(np.float64)
    assert ((p > 0) & (p < 1)).all()
    x = DIGITS[:50]
    expected = -(x * np.log(p) + (1 - x) * np.log(1 - p)).mean(axis=1)
    np.testing.assert_allclose(ae.reconstruction_error(x), expected, rtol=1e-4)
    with pytest.raises(DataError, match="expects cells from 0 to 1; received 0 to 16"):
        clone(ae).fit(DIGITS * 16)


def test_a_denoising_one_takes_noise_away():
    """Row 101: rows with noise come nearer to the clean ones than through an autoencoder that has seen no noise."""
    train, test = DIGITS[:1000], DIGITS[1000:1400]
    noisy = test + np.random.RandomState(0).normal(0, 0.4, test.shape)
    parameters = {"max_iter": 60, "random_state": 0, "learning_rate_init": 0.005}

    def error(**noise):
        ae = Autoencoder((64,), **parameters, **noise).fit(train)
        return ((ae.inverse_transform(ae.transform(noisy)) - test) ** 2).mean()

    assert error(noise="gaussian", noise_level=0.4) < 0.7 * error()


def test_a_sparse_code_is_sparse():
    """Row 101."""
    parameters = {"max_iter": 40, "random_state": 0, "learning_rate_init": 0.01}
    means = {
        sparsity: Autoencoder((40,), "logistic", sparsity=sparsity, **parameters).fit(DIGITS).transform(DIGITS).mean()
        for sparsity in (None, "kl")
    }
    assert abs(means["kl"] - 0.05) < 0.05 < means[None] - 0.1


def test_anomalies_are_reconstructed_badly():
    ae = Autoencoder((16,), max_iter=60, random_state=0, learning_rate_init=0.01).fit(DIGITS[:1000])
    usual, turned = ae.reconstruction_error(DIGITS[1000:]), ae.reconstruction_error(1 - DIGITS[1000:])
    assert np.quantile(usual, 0.95) < np.quantile(turned, 0.05)


# -- how it is built ----------------------------------------------------------------------------------------------


def test_the_encoder_is_that_of_a_classifier(fitted):
    """The same names and shapes, so that weights go over by name."""
    same = {"activation": "selu", "normalization": "batch", "dropout": 0.1}
    own = Autoencoder((8, 4), noise="gaussian", **same)._trunk()
    other = MLPClassifier((8, 4), **same)._layers(3)
    assert own == other[:-1]
    codes = fitted.model_.layers[1](fitted.model_.layers[0](DIGITS[:9]))
    np.testing.assert_allclose(fitted.transform(DIGITS[:9]), codes, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(fitted.hidden_activations(DIGITS[:9], 1), fitted.transform(DIGITS[:9]))


def test_the_decoder_mirrors_the_encoder():
    ae = Autoencoder((30, 20, 10), ["relu", "tanh", "elu"], normalization="layer", dropout=[0.1, 0.2, 0.3])
    names = [f"{layer.units}" for _, layer in ae._layers(50) if hasattr(layer, "units")]
    assert names == ["30", "20", "10", "20", "30", "50"]
    head = [repr(layer) for _, layer in ae._layers(50)[12:]]
    assert "Activation('tanh')" in head[2].replace("activation=", "")
    assert "Dropout(rate=0.2)" in head
    assert all(name.startswith("head_") for name, _ in ae._layers(50)[12:])


def test_tied_weights_are_stored_once():
    ae = Autoencoder(tied=True, **SMALL).fit(DIGITS[:300])
    assert [kernel.shape for kernel in ae.coefs_] == [(64, 12), (12, 6)]
    assert [layer.of for _, layer in ae._layers(64) if isinstance(layer, DenseTranspose)] == ["dense_1", "dense"]
    assert ae.n_layers_ == 5
    np.testing.assert_array_equal(ae.hidden_activations(DIGITS[:9], 1), ae.transform(DIGITS[:9]))
    np.testing.assert_allclose(
        ae.model_.predict(DIGITS[:9]), ae.inverse_transform(ae.transform(DIGITS[:9])), rtol=1e-4, atol=1e-6
    )
    ae.set_params(warm_start=True).fit(DIGITS[:300])  # goes on
    assert len(ae.history_["epoch"]) == 6


def test_new_numbers_compile_nothing(compiles):
    """Row 101: levels of noise and strengths of penalties are traced."""
    given = {**SMALL, "noise": "swap", "activation": "logistic"}
    penalty = ActivityRegularization(l1=0.1)
    Autoencoder(sparsity=penalty, **given).fit(DIGITS[:300])
    with compiles(at_most=0):
        Autoencoder(sparsity=ActivityRegularization(l1=0.2), noise_level=0.3, **given).fit(DIGITS[:300])


# -- tables -------------------------------------------------------------------------------------------------------


def test_a_table_comes_back_with_its_gaps_filled(of_table, table):
    """Row 101: numbers in their units, truths, the most probable categories."""
    holes, whole = table
    back = of_table.inverse_transform(of_table.transform(holes))
    assert list(back.columns) == list(holes.columns)
    assert (back["colour"] == whole["colour"]).all()
    assert (back["even"] == whole["even"]).all()
    known = holes["size"].notna() & holes["colour"].notna()
    assert np.abs(back["size"] - whole["size"])[known].median() < 5
    assert of_table.reconstruction_error(holes).mean() == pytest.approx(-of_table.score(holes))
    assert of_table.evaluate(holes)[0] == pytest.approx(-of_table.score(holes), rel=1e-4)


def test_error_of_a_table_is_that_of_its_known_cells(of_table, table):
    """By hand, from the outputs of the network; float32."""
    row = table[0].iloc[[3]]  # its colour is missing
    z = of_table.model_.predict(of_table.encoder_.transform(row))[0].astype(np.float64)
    size, _, _, _, _, even, weight = of_table.encoder_.transform(row)[0][[0, 2, 3, 4, 5, 1, 6]].astype(np.float64)
    truth = np.log1p(np.exp(-z[1])) if even else np.log1p(np.exp(z[1]))
    expected = ((size - z[0]) ** 2 + truth + (weight - z[6]) ** 2) / 3
    np.testing.assert_allclose(of_table.reconstruction_error(row), expected, rtol=1e-4)


def test_a_row_of_a_kind_that_there_is_not_is_an_anomaly(of_table, table):
    odd = table[1].iloc[:60].assign(colour="red", size=200.0)
    usual = of_table.reconstruction_error(table[0])
    assert of_table.reconstruction_error(odd[odd["even"].eq(False)]).min() > np.quantile(usual, 0.99)


def test_a_table_in_a_file_in_polars_and_with_other_columns(of_table, table, tmp_path):
    holes = table[0]
    of_table.save(tmp_path / "table.lamina")
    back = load(tmp_path / "table.lamina")
    codes = back.transform(holes)
    np.testing.assert_array_equal(codes, of_table.transform(pl.from_pandas(holes)))
    np.testing.assert_array_equal(codes, of_table.transform(holes.assign(new=1)[["new", *holes.columns[::-1]]]))
    pd.testing.assert_frame_equal(back.inverse_transform(codes), of_table.inverse_transform(codes))
    assert list(back.feature_names_in_) == list(holes.columns)
    with pytest.raises(DataError, match="- colour"):
        back.transform(holes.drop(columns="colour"))


def test_swap_noise_takes_whole_categories(table):
    ae = Autoencoder((4,), noise="swap", max_iter=2, greedy=True).fit(table[0])
    (noise,) = [layer for _, layer in ae._layers(7) if isinstance(layer, SwapNoise)]
    assert noise.widths == (1, 1, 4, 1)
    assert ae.set_params(noise=None).fit(table[0]).encoder_.widths() == [1, 1, 4, 1]


def test_a_complete_table_of_numbers_is_an_array():
    frame = pd.DataFrame(DIGITS[:100], columns=[f"p{i}" for i in range(64)])
    one, other = (Autoencoder(**SMALL).fit(X) for X in (frame, DIGITS[:100]))
    assert one.encoder_ is None
    np.testing.assert_array_equal(one.transform(frame), other.transform(DIGITS[:100]))
    with pytest.raises(DataError, match="NaN"):
        one.transform(frame.assign(p3=np.nan))
    with pytest.raises(DataError, match="holds text"):
        Autoencoder(**SMALL).fit(np.array([["a", "b"], ["c", "d"]], object))


# -- an estimator like the others ---------------------------------------------------------------------------------


def test_in_a_pipeline_and_a_search():
    pipeline = make_pipeline(Autoencoder(**SMALL), MLPClassifier((8,), max_iter=3, random_state=0))
    assert pipeline.fit(DIGITS[:200], NUMBERS[:200]).predict(DIGITS[:5]).shape == (5,)
    search = PopulationSearchCV(Autoencoder(**SMALL), {"learning_rate_init": [1e-5, 0.01]}, cv=2)
    with pytest.warns(UserWarning, match="Autoencoder can't train in a population"):
        search.fit(DIGITS[:200])
    assert search.best_params_ == {"learning_rate_init": 0.01}
    names = Autoencoder(**SMALL).set_output(transform="pandas").fit_transform(DIGITS[:50]).columns
    assert list(names) == [f"autoencoder{i}" for i in range(6)]


def test_the_same_seed_gives_the_same_codes_and_so_do_copies(fitted, tmp_path):
    again = clone(fitted).fit(DIGITS[:400])
    np.testing.assert_array_equal(again.transform(DIGITS), fitted.transform(DIGITS))
    fitted.save(tmp_path / "ae.lamina")
    for copy in (pickle.loads(pickle.dumps(fitted)), load(tmp_path / "ae.lamina")):
        np.testing.assert_array_equal(copy.transform(DIGITS), fitted.transform(DIGITS))
        np.testing.assert_array_equal(copy.reconstruction_error(DIGITS), fitted.reconstruction_error(DIGITS))
    kept = Autoencoder(sparsity=ActivityRegularization(l1=0.5), **SMALL).fit(DIGITS[:50])
    kept.save(tmp_path / "sparse.lamina")
    assert load(tmp_path / "sparse.lamina").sparsity == kept.sparsity


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float32", "float32"), ("float64", "float64"), ("bfloat16", "float32")]
)
def test_precisions(dtype, expected):
    ae = Autoencoder(dtype=dtype, tied=True, **SMALL).fit(DIGITS[:100])
    codes = ae.transform(DIGITS)
    assert codes.dtype == ae.inverse_transform(codes).dtype == ae.reconstruction_error(DIGITS).dtype == expected


def test_early_stopping_and_validation_rows():
    ae = Autoencoder(early_stopping=True, **SMALL).fit(DIGITS[:300])
    assert ae.best_validation_score_ == pytest.approx(-ae.history_["val_loss"].min())
    ae = Autoencoder(**SMALL).fit(DIGITS[:300], validation_data=DIGITS[300:400])
    assert ae.history_["val_loss"][-1] == pytest.approx(ae.evaluate(DIGITS[300:400])[0], rel=1e-5)
    with pytest.raises(DataError, match="validation_data"):
        ae.fit(DIGITS[:300], validation_data=DIGITS[300:400, :9])


def test_callbacks_hear_of_it():
    class Counter(Callback):
        epochs = 0

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1
            self.model.stop_training = self.epochs == 2

    counter = Counter()
    Autoencoder(**SMALL).fit(DIGITS[:100], callbacks=[counter])
    assert counter.epochs == 2


MISTAKES = [
    ({"noise": "swop"}, UnknownName, 'Did you mean "swap"'),
    ({"noise": "swap", "noise_level": 1.5}, InvalidParameter, "below 1"),
    ({"noise": "swap", "solver": "lbfgs"}, InvalidParameter, "noise='swap' denies it"),
    ({"sparsity": "kl"}, InvalidParameter, 'Use activation="logistic"'),
    ({"sparsity": 0.1}, InvalidParameter, "ActivityRegularization"),
    ({"loss": "mean_sqared_error"}, UnknownName, 'Did you mean "mean_squared_error"'),
    ({"tied": "yes"}, InvalidParameter, "True or False"),
    ({"hidden_layer_sizes": ()}, InvalidParameter, "Autoencoder learns its features in hidden layers"),
]


@pytest.mark.parametrize(("parameters", "error", "sentence"), MISTAKES)
def test_mistakes(parameters, error, sentence):
    with pytest.raises(error, match=sentence):
        Autoencoder(**{**SMALL, **parameters}).fit(DIGITS[:50])


def test_mistakes_in_rows(fitted, table):
    with pytest.raises(DataError, match="Codes have 6 columns; received 64"):
        fitted.inverse_transform(DIGITS)
    with pytest.raises(InvalidParameter, match="Leave loss out"):
        Autoencoder(loss="binary_crossentropy").fit(table[0])
