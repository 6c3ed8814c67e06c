"""Same class or not, learned from pairs; and the layers below, used for something else."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina import MLPClassifier
from lamina.errors import DataError, InvalidParameter
from lamina.optimizers import SGD
from lamina.reuse import PairNetwork
from lamina.reuse.pairs import draw_pairs

pytestmark = pytest.mark.filterwarnings("ignore:(Stochastic Optimizer|lbfgs failed to converge)")

X, Y = load_digits(return_X_y=True)
X = X / 16
A, B = X[:13], X[13:26]
SAME = Y[:13] == Y[13:26]
SAME[:6] = True  # enough of both kinds
KINDS = {
    "relu": {},
    "prelu": {"activation": "prelu"},
    "batch": {"normalization": "batch", "activation": "tanh", "dropout": 0.1},
    "layer": {"normalization": "layer", "norm_position": "after"},
}


def network(**settings):
    settings = {"n_pairs": 300, "max_iter": 3, "learning_rate_init": 0.01, "random_state": 0} | settings
    return PairNetwork((8, 5), **settings)


@pytest.fixture(scope="module", params=KINDS)
def fitted(request):
    return network(**KINDS[request.param]).fit(X, Y)


@pytest.fixture(scope="module")
def plain():
    return network().fit(X, Y)


def probability(network, A, B):
    """The formula in NumPy, from the weights of a network of ReLUs."""
    *hidden, (out, shift) = zip(network.coefs_, network.intercepts_)
    for kernel, bias in hidden:
        A, B = np.maximum(A @ kernel + bias, 0), np.maximum(B @ kernel + bias, 0)
    return 1 / (1 + np.exp(-(np.abs(A - B) @ out + shift)))[:, 0]


# -- numbers --------------------------------------------------------------------------------------------------------


def test_probabilities_by_hand(plain):
    """Row 103; 1e-12: float64."""
    np.testing.assert_allclose(plain.predict_proba_pairs(A, B), probability(plain, A, B), rtol=1e-12)
    np.testing.assert_array_equal(plain.predict_pairs(A, B), probability(plain, A, B) > 0.5)


def test_the_order_within_a_pair_does_not_matter(fitted):
    """1e-12: float64, whose sums a compiler may order as it likes."""
    np.testing.assert_allclose(fitted.predict_proba_pairs(A, B), fitted.predict_proba_pairs(B, A), rtol=1e-12)
    np.testing.assert_allclose(fitted.predict_proba_pairs(A, A), fitted.predict_proba_pairs(B, B), rtol=1e-12)


def test_one_step_by_finite_differences():
    """A step of SGD on all pairs is the slope of the mean log-loss; 1e-5: central differences."""
    settings = {"solver": SGD(0.1), "alpha": 0.0, "batch_size": len(A), "max_iter": 1, "learning_rate_init": 0.001}
    net = network(warm_start=True, **settings).fit_pairs(A, B, SAME)
    before = SimpleNamespace(coefs_=[np.array(kernel) for kernel in net.coefs_], intercepts_=net.intercepts_)
    net.fit_pairs(A, B, SAME)

    def loss():
        p = probability(before, A, B)
        return -np.mean(np.where(SAME, np.log(p), np.log(1 - p)))

    for kernel, after in zip(before.coefs_, net.coefs_):
        for place in [(2, 0), (4, 0), tuple(np.array(kernel.shape) - 1)]:
            start = kernel[place]
            values = []
            for kernel[place] in (start + 1e-5, start - 1e-5):
                values.append(loss())
            kernel[place] = start
            slope = (values[0] - values[1]) / 2e-5
            np.testing.assert_allclose((start - after[place]) / 0.1, slope, rtol=1e-5, atol=1e-9)


def test_statistics_are_of_both_halves():
    """Batch normalisation counts every row of a pair, and no padded one: its first moving averages in NumPy."""
    net = network(normalization="batch", learning_rate_init=1e-12, max_iter=1).fit_pairs(A, B, SAME)
    normalization = net.trunk_.layers[1]
    sums = np.concatenate([A, B]) @ net.coefs_[0]
    mean, variance = normalization.get_weights()[2:]
    np.testing.assert_allclose(mean, 0.01 * sums.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(variance, 0.99 + 0.01 * sums.var(axis=0), rtol=1e-6)


# -- pairs ----------------------------------------------------------------------------------------------------------


def test_pairs_are_drawn_evenly():
    """Half of them of one class; every partner as often as any other: six deviations of 24,000 draws."""
    labels = np.array(list("abacba"))
    first, second, same = draw_pairs(labels, 48_000, np.random.RandomState(0))
    assert same.mean() == 0.5
    assert (first != second).all()
    np.testing.assert_array_equal(labels[first] == labels[second], same)
    alike = np.zeros((6, 6))
    np.add.at(alike, (first[same], second[same]), 1 / 24_000)
    expected = (labels[:, None] == labels) & ~np.eye(6, dtype=bool)
    partners = expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(alike, np.where(expected, 1 / 5 / np.maximum(partners, 1), 0), atol=0.015)
    other = np.zeros((6, 6))
    np.add.at(other, (first[~same], second[~same]), 1 / 24_000)
    strangers = labels[:, None] != labels
    np.testing.assert_allclose(other, strangers / 6 / strangers.sum(axis=1, keepdims=True), atol=0.015)


def test_given_pairs_and_drawn_ones_train_alike():
    left, right, same = draw_pairs(Y, 300, np.random.RandomState(0))
    given = network().fit_pairs(X[left], scipy.sparse.csr_matrix(X[right]), same.astype(int))
    drawn = network().fit(X, Y)
    for ours, theirs in zip(given.coefs_, drawn.coefs_):
        np.testing.assert_array_equal(ours, theirs)
    assert drawn.score(X, Y) == np.mean(drawn.predict_pairs(X[left], X[right]) == same)


def test_rows_are_held_out_before_pairs_are_drawn(monkeypatch):
    seen = {}
    monkeypatch.setattr(PairNetwork, "_fit", lambda self, X, y, **others: seen.update(others, X=X, y=y))
    network(early_stopping=True, validation_fraction=0.2).fit(np.arange(50.0)[:, None], np.arange(50) % 3)
    X_val, y_val = seen["validation_data"]
    assert len(X_val) == 10
    assert sorted([*seen["X"].ravel(), *X_val.ravel()]) == list(range(50))
    np.testing.assert_array_equal(y_val, X_val.ravel() % 3)


def test_early_stopping_and_validation_data():
    net = network(early_stopping=True, max_iter=40, n_iter_no_change=2, tol=0.05).fit(X, Y)
    assert net.stop_reason_.startswith("Validation score did not improve")
    assert net.best_validation_score_ == net.history_["val_score"].max()
    watched = network().fit(X[:900], Y[:900], validation_data=(X[900:], Y[900:]))
    assert watched.evaluate(X[900:], Y[900:]) == [watched.history_["val_loss"][-1], watched.history_["val_score"][-1]]


# -- reuse ----------------------------------------------------------------------------------------------------------


def test_the_trunk_is_that_of_a_classifier(fitted, tmp_path):
    """Rows 94, 104: names, shapes, features; a file brings them back."""
    trunk = fitted.trunk_
    np.testing.assert_allclose(trunk.predict(X[:9], verbose=0), fitted.transform(X[:9]), rtol=1e-12)
    np.testing.assert_array_equal(fitted.hidden_activations(X[:9]), fitted.transform(X[:9]))
    assert fitted.hidden_activations(X[:9], 0).shape == (9, 8)
    settings = {name: fitted.get_params()[name] for name in ("activation", "normalization", "norm_position", "dropout")}
    classifier = MLPClassifier((8, 5), max_iter=1, **settings).fit(X, Y).model_
    for ours, theirs in zip(trunk.layers, classifier.layers[:-1], strict=True):
        assert (ours, ours.name) == (theirs, theirs.name)
        assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    trunk.save(tmp_path / "trunk.lamina")
    again = lamina.models.load_model(tmp_path / "trunk.lamina")
    np.testing.assert_array_equal(again.predict(X[:9], verbose=0), trunk.predict(X[:9], verbose=0))


def test_the_whole_network_as_a_model(fitted, tmp_path):
    fitted.model_.save(tmp_path / "whole.lamina")
    model = lamina.models.load_model(tmp_path / "whole.lamina")
    outputs = model.predict(np.stack([A, B], axis=1), verbose=0)
    np.testing.assert_allclose(outputs[:, 0], fitted.predict_proba_pairs(A, B), rtol=1e-12)


def test_features_of_pairs_without_names_help_where_labels_are_few():
    """Rows 94, 103: ten labelled digits and 1,000 of which only is known which show the same."""
    rows, test = np.split(np.random.RandomState(1).permutation(len(X)), [1000])
    few = np.array([rows[Y[rows] == digit][0] for digit in range(10)])
    net = PairNetwork((32,), n_pairs=4000, max_iter=10, learning_rate_init=0.01, random_state=0).fit(X[rows], Y[rows])
    scratch = MLPClassifier((32,), max_iter=100, random_state=0).fit(X[few], Y[few]).score(X[test], Y[test])
    head = MLPClassifier((), learning_rate_init=0.01, random_state=0).fit(net.transform(X[few]), Y[few])
    assert head.score(net.transform(X[test]), Y[test]) > scratch + 0.1


# -- an estimator like others ---------------------------------------------------------------------------------------


def test_files_pickles_and_clones(fitted, tmp_path):
    fitted.save(tmp_path / "net.lamina")
    expected = fitted.predict_proba_pairs(A, B)
    for copy in (lamina.load(tmp_path / "net.lamina"), pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(X, Y)):
        np.testing.assert_array_equal(copy.predict_proba_pairs(A, B), expected)


def test_in_a_pipeline(plain):
    pipeline = make_pipeline(StandardScaler(), network(), MLPClassifier((), solver="lbfgs")).fit(X, Y)
    assert pipeline.score(X, Y) > 0.2  # chance has 0.1
    assert list(plain.get_feature_names_out()) == [f"pairnetwork{i}" for i in range(5)]
    assert plain.feature_importances_.shape == (64,)
    assert plain.feature_importances_.sum() == pytest.approx(1)


def test_lbfgs_and_warm_start():
    with pytest.warns(match="lbfgs failed to converge"):
        net = network(solver="lbfgs", max_iter=15).fit(X, Y)
    assert net.loss_ < 0.65  # chance has 0.69
    net = network(warm_start=True).fit(X, Y).fit(X, Y)
    assert len(net.loss_curve_) == 6
    assert net.loss_curve_[3] < net.loss_curve_[0]


def test_number_of_pairs_compiles_nothing_new(compiles):
    network(n_pairs=300).fit(X, Y)
    with compiles(at_most=0):
        network(n_pairs=310).fit(X, Y)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (
            lambda: network().fit(X[:5], range(5)),
            "two rows of a class, and another class. Received 5 rows of 5 classes",
        ),
        (lambda: network().fit(X[:5], [1] * 5), "of 1 class"),
        (lambda: network().fit_pairs(A, B[:5], SAME), "A has 13 rows and B has 5"),
        (lambda: network().fit_pairs(A, B, SAME[:5]), "`same` has 5 entries for 13 pairs"),
        (lambda: network().fit_pairs(A, B, Y[:13]), r"True \(1\) or False \(0\).*values \[0, 1, 2"),
        (lambda: network().fit_pairs(A, B, np.ones(13)), "All 13 pairs have same=True"),
        (lambda: network().fit_pairs(A, B[:, :9], SAME), "X has 9 features"),
        (lambda: network(n_pairs=1).fit(X, Y), "n_pairs"),
        (lambda: network().set_params(hidden_layer_sizes=()).fit(X, Y), r"hidden_layer_sizes=\(\); give \(100,\)"),
        (lambda: network().fit(X, Y, validation_data=(X[:1], Y[:1])), "validation_data: Pairs of one class"),
    ],
)
def test_what_cannot_be_learned_from(act, says):
    with pytest.raises((DataError, InvalidParameter, ValueError), match=says):
        act()


def test_uncertainty_is_for_single_rows(plain):
    with pytest.raises(AttributeError, match="predict_proba_pairs"):
        plain.predict_uncertainty(X)
