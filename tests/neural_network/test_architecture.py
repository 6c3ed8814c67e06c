"""What an estimator's parameters make of its layers, checked on weights and predictions."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

import lamina
from lamina import MLPClassifier, MLPRegressor
from lamina.errors import InvalidParameter, UnknownName
from lamina.initializers import HeNormal
from lamina.layers import (
    Activation,
    AlphaDropout,
    BatchNormalization,
    Dense,
    Dropout,
    LayerNormalization,
    PReLU,
    RReLU,
)

RNG = np.random.RandomState(0)
X = RNG.randn(160, 6)
CLASSES = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.8)
TARGET = np.tanh(X[:, 0]) + X[:, 1]
SMALL = {"random_state": 0, "learning_rate_init": 0.02, "max_iter": 5, "n_iter_no_change": 1000, "batch_size": 40}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(*widths, **changes):
    return MLPClassifier(widths or (8,), **SMALL | changes)


def kinds(net):
    return [type(layer) for layer in net.model_.layers]


def untrained(net):
    """With weights as they are drawn: steps too small to change a number."""
    return net.set_params(learning_rate_init=1e-300, max_iter=1, alpha=0.0).fit(X, CLASSES)


# -- the stack ------------------------------------------------------------------------------------------------------


def test_blocks():
    """Rows 32, 80: dropout after the activation, normalisation before it, and no bias where it would cancel."""
    net = classifier(8, 4, normalization="batch", dropout=[0.2, 0], input_dropout=0.1).fit(X, CLASSES)
    first = [Dense, BatchNormalization, Activation, Dropout]
    assert kinds(net) == [Dropout, *first, *first[:3], Dense]
    assert [layer.rate for layer in net.model_.layers if isinstance(layer, Dropout)] == [0.1, 0.2]
    assert not net.intercepts_[0].any()
    assert not net.intercepts_[1].any()
    assert net.intercepts_[2].any()
    # 6*8 + 8*4 + 4*3 + 3 weights, and 4 numbers for each of the 12 normalised units
    assert net.model_.count_params() == 48 + 32 + 12 + 3 + 48


def test_normalisation_after_the_activation():
    """Row 32: with a bias."""
    net = classifier(8, normalization="layer", norm_position="after").fit(X, CLASSES)
    assert kinds(net) == [Dense, LayerNormalization, Dense]
    assert net.intercepts_[0].any()


@pytest.mark.parametrize(("name", "kind"), [("prelu", PReLU), ("rrelu", RReLU)])
def test_activations_that_are_layers(name, kind, tmp_path):
    """Rows 16, 17: where the activation stands; learned slopes, or the mean of random ones, by hand; kept in a file."""
    norm = {"activation": name, "normalization": "batch"}
    ends = {"before": [Dense, BatchNormalization, kind, Dense], "after": [Dense, kind, BatchNormalization, Dense]}
    for position, expected in ends.items():
        assert kinds(classifier(4, **norm, norm_position=position).fit(X, CLASSES)) == expected
    net = MLPRegressor(hidden_layer_sizes=(8,), **SMALL, activation=name).fit(X, TARGET)
    z = X @ net.coefs_[0] + net.intercepts_[0]
    slopes = net.model_.layers[1].get_weights()[0] if kind is PReLU else (1 / 8 + 1 / 3) / 2
    hidden = np.where(z > 0, z, slopes * z)
    np.testing.assert_allclose(net.predict(X), (hidden @ net.coefs_[1] + net.intercepts_[1])[:, 0], rtol=1e-10)
    np.testing.assert_allclose(net.hidden_activations(X), hidden, rtol=1e-10, atol=1e-12)  # 64-bit sums
    assert kind is RReLU or np.abs(slopes).min() > 0
    net.save(tmp_path / "net.lamina")
    np.testing.assert_array_equal(lamina.load(tmp_path / "net.lamina").predict(X), net.predict(X))


@pytest.mark.parametrize("position", ["before", "after"])
def test_predictions_of_batch_normalisation(position):
    """Rows 31, 37: from the weights and moving statistics by hand; 1e-10: 64-bit sums in another order."""
    net = MLPRegressor(
        hidden_layer_sizes=(8,), **SMALL, activation="tanh", normalization="batch", norm_position=position
    )
    net.fit(X, TARGET)
    normalization = net.model_.layers[1]
    gamma, beta, mean, variance = normalization.get_weights()
    assert not np.allclose(mean, 0)
    assert not np.allclose(variance, 1)
    assert not np.allclose(gamma, 1)

    def normal(h):
        return gamma * (h - mean) / np.sqrt(variance + 1e-3) + beta

    z = X @ net.coefs_[0] + net.intercepts_[0]
    hidden = np.tanh(normal(z)) if position == "before" else normal(np.tanh(z))
    np.testing.assert_allclose(net.predict(X), (hidden @ net.coefs_[1] + net.intercepts_[1])[:, 0], rtol=1e-10)


def test_selu_gets_its_own_dropout():
    """Row 81: layer by layer."""
    net = classifier(8, 4, activation=["selu", "relu"], dropout=0.1).fit(X, CLASSES)
    assert kinds(net) == [Dense, AlphaDropout, Dense, Dropout, Dense]


# -- weights as drawn -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("initializer", "activation", "variance"),
    [
        ("he_normal", "relu", 2 / 6),
        (HeNormal(), "tanh", 2 / 6),
        ("lecun_normal", "selu", 1 / 6),
        ("glorot_normal", "tanh", 2 / 606),
        ("auto", "relu", 2 / 6),
        ("auto", "selu", 1 / 6),
        ("auto", "tanh", 2 / 606),
    ],
)
def test_initializers(initializer, activation, variance):
    """Rows 23-27: 3,600 draws, whose variance is good to sqrt(2 / 3600) = 2.4 %; four times that."""
    net = untrained(classifier(600, kernel_initializer=initializer, activation=activation))
    np.testing.assert_allclose(net.coefs_[0].var(), variance, rtol=0.1)
    assert np.abs(net.intercepts_[0]).max() < 1e-290


def test_given_initializer_by_name_and_object():
    a, b = (untrained(classifier(kernel_initializer=i)) for i in ("he_normal", HeNormal()))
    np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])


# -- what training keeps to -----------------------------------------------------------------------------------------


def test_max_norm():
    """Row 82: of the weights into each unit, of every layer."""
    free, net = classifier().fit(X, CLASSES), classifier(max_norm=0.5).fit(X, CLASSES)
    assert max(np.linalg.norm(w, axis=0).max() for w in free.coefs_) > 1
    for weights in net.coefs_:
        assert np.linalg.norm(weights, axis=0).max() < 0.5 + 1e-6  # Keras' guard


def test_l1_gives_sparser_weights():
    """Rows 76, 77: the loss of untouched weights by hand, and weights nearer to 0 after training."""
    settings = {**SMALL, "learning_rate_init": 1e-300, "max_iter": 1, "batch_size": 160}
    plain, net = (
        MLPRegressor(hidden_layer_sizes=(8,), **settings | {"alpha": 0.3, "l1": l1}).fit(X, TARGET) for l1 in (0.0, 2.0)
    )
    added = 2.0 * sum(np.abs(w).sum() for w in net.coefs_) / 160
    np.testing.assert_allclose(net.loss_ - plain.loss_, added, rtol=1e-10)  # 64-bit sums in another order
    plain, net = (
        MLPRegressor(hidden_layer_sizes=(8,), **SMALL | {"max_iter": 60, "l1": l1}).fit(X, TARGET) for l1 in (0.0, 2.0)
    )
    near_zero = [np.mean(np.abs(model.coefs_[0]) < 0.02) for model in (plain, net)]
    assert near_zero[1] > near_zero[0] + 0.3


def test_dropout_fits_worse_and_predicts_without_noise():
    """Rows 79, 80: the training loss with dropout is larger, the predictions are the weights' alone."""
    plain, net = (
        MLPRegressor(hidden_layer_sizes=(16,), **SMALL | {"max_iter": 30, "dropout": d}).fit(X, TARGET)
        for d in (0.0, 0.5)
    )
    assert net.loss_ > 1.5 * plain.loss_
    hidden = np.maximum(X @ net.coefs_[0] + net.intercepts_[0], 0)
    by_hand = (hidden @ net.coefs_[1] + net.intercepts_[1])[:, 0]
    np.testing.assert_allclose(net.predict(X), by_hand, rtol=1e-10)  # 64-bit sums in another order
    again = MLPRegressor(hidden_layer_sizes=(16,), **SMALL | {"max_iter": 30, "dropout": 0.5}).fit(X, TARGET)
    np.testing.assert_array_equal(again.coefs_[0], net.coefs_[0])


def test_values_compile_nothing(compiles):
    """Rows 40, 74-82: every strength is data."""
    on = {"dropout": 0.1, "input_dropout": 0.1, "l1": 0.1, "max_norm": 1.0, "weight_decay": 0.1, "clipnorm": 1.0}
    classifier(**on, ema=0.9).fit(X, CLASSES)
    others = {name: value / 2 for name, value in on.items()}
    with compiles(at_most=0):
        classifier(**others, ema=0.5, alpha=0.5, learning_rate_init=0.1).fit(X, CLASSES)


def test_a_search_over_rates_is_one_program(compiles):
    """Rows 79, 123: no more programs than one candidate needs."""
    net = classifier(normalization="batch", max_iter=2)
    with compiles() as one:
        GridSearchCV(net, {"dropout": [0.1]}, cv=2).fit(X, CLASSES)
    with compiles(at_most=0):
        search = GridSearchCV(net, {"dropout": [0.15, 0.2, 0.3, 0.5]}, cv=2).fit(X, CLASSES)
    assert one.count > 0
    assert search.best_params_["dropout"] in (0.15, 0.2, 0.3, 0.5)


# -- keeping and going on -------------------------------------------------------------------------------------------

NOISY = {"normalization": "batch", "dropout": 0.2, "ema": 0.9}


def from_file(net, tmp_path):
    net.save(tmp_path / "net.lamina")
    return lamina.load(tmp_path / "net.lamina")


@pytest.mark.parametrize("way", ["pickle", "file"])
def test_kept_and_continued(way, tmp_path):
    """Rows 72, 100, 127: statistics come back too, and training goes on in the same way."""
    net = classifier(**NOISY).fit(X, CLASSES)
    net.partial_fit(X, CLASSES)
    back = pickle.loads(pickle.dumps(net)) if way == "pickle" else from_file(net, tmp_path)
    np.testing.assert_array_equal(back.predict_proba(X), net.predict_proba(X))
    for a, b in zip(net.model_.get_weights(), back.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    net.partial_fit(X, CLASSES)
    back.partial_fit(X, CLASSES)
    np.testing.assert_array_equal(back.predict_proba(X), net.predict_proba(X))


def test_partial_fit_and_warm_start_go_on():
    """Rows 100, 127: the statistics move on from where they are."""
    net = classifier(**NOISY).partial_fit(X, CLASSES, classes=[0, 1, 2])
    first = net.model_.layers[1].get_weights()[2]
    net.partial_fit(X, CLASSES)
    assert not np.array_equal(net.model_.layers[1].get_weights()[2], first)
    net = classifier(normalization="batch", warm_start=True, max_iter=3).fit(X + 2, CLASSES)
    first = net.model_.layers[1].get_weights()[2]
    net.set_params(learning_rate_init=1e-300, alpha=0.0).fit(X + 2, CLASSES)  # the weights stay, the averages move
    batch = (X + 2) @ net.coefs_[0]
    share = 0.99 ** (3 * 4)  # 12 steps of 40 rows
    # batches are of 40 rows each in every epoch, so the order within an epoch changes little
    np.testing.assert_allclose(
        net.model_.layers[1].get_weights()[2], share * first + (1 - share) * batch.mean(axis=0), rtol=0.02, atol=0.01
    )


def test_early_stopping_restores_statistics():
    """Row 85: the score of the restored network is the best one, which a mixture with later statistics would miss."""
    net = classifier(normalization="batch", early_stopping=True, learning_rate_init=0.3, max_iter=60)
    net.set_params(n_iter_no_change=5).fit(X[:120], CLASSES[:120], validation_data=(X[120:], CLASSES[120:]))
    scores = net.history_["val_score"]
    best = int(np.argmax(scores))
    assert best < len(scores) - 1
    # the same training, ended at the best epoch
    short = classifier(normalization="batch", learning_rate_init=0.3, max_iter=best + 1)
    short.fit(X[:120], CLASSES[:120], validation_data=(X[120:], CLASSES[120:]))
    for a, b in zip(net.model_.get_weights(), short.model_.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-12)  # two programs, 64 bits
    assert net.score(X[120:], CLASSES[120:]) == pytest.approx(scores.max())


# -- errors and warnings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [{"dropout": 0.1}, {"input_dropout": 0.1}, {"normalization": "batch"}, {"activation": "rrelu"}]
)
def test_lbfgs_wants_the_same_loss_every_time(bad):
    with pytest.raises(InvalidParameter, match=r'solver="lbfgs" needs the same loss.*such as adam'):
        classifier(solver="lbfgs", **bad).fit(X, CLASSES)


def test_lbfgs_with_what_it_can_have():
    net = classifier(solver="lbfgs", normalization="layer", kernel_initializer="he_normal", max_iter=30)
    assert net.fit(X, CLASSES).score(X, CLASSES) > 0.8
    assert not np.allclose(net.model_.layers[1].get_weights()[0], 1)  # gamma is trained


def test_lbfgs_and_l1():
    """Rows 55, 76: the penalty counts."""
    few, many = (classifier(solver="lbfgs", l1=l1, max_iter=200).fit(X, CLASSES) for l1 in (0.01, 5.0))
    assert sum(np.abs(w).sum() for w in many.coefs_) < 0.5 * sum(np.abs(w).sum() for w in few.coefs_)


def test_lbfgs_refuses_max_norm():
    with pytest.raises(InvalidParameter, match="max_norm"):
        classifier(solver="lbfgs", max_norm=1.0).fit(X, CLASSES)


@pytest.mark.parametrize(
    ("bad", "kind", "says"),
    [
        ({"dropout": [0.1, 0.2]}, InvalidParameter, "dropout has 2 entries for 1 hidden layers"),
        ({"activation": ["relu", "tanh"]}, InvalidParameter, "activation has 2 entries"),
        ({"dropout": 1.0}, InvalidParameter, "dropout"),
        ({"dropout": [1.5]}, InvalidParameter, "rate"),
        ({"input_dropout": -0.1}, InvalidParameter, "input_dropout"),
        ({"max_norm": 0.0}, InvalidParameter, "max_norm"),
        ({"l1": -1.0}, InvalidParameter, "l1"),
        ({"ema": 1.0}, InvalidParameter, "ema"),
        ({"clipnorm": 0.0}, InvalidParameter, "clipnorm"),
        (
            {"clipnorm": 1.0, "clipvalue": 1.0},
            InvalidParameter,
            "clipped in one way only. Received clipnorm=1.0 and clipvalue",
        ),
        ({"normalization": "bach"}, UnknownName, 'Did you mean "batch"'),
        ({"norm_position": "befor"}, UnknownName, 'Did you mean "before"'),
        ({"kernel_initializer": "he_norml"}, UnknownName, 'Did you mean "he_normal"'),
        ({"activation": "rellu"}, UnknownName, 'Did you mean "relu"'),
        ({"solver": "adm"}, UnknownName, 'Did you mean "adam"'),
        ({"learning_rate": "onecyle"}, UnknownName, 'Did you mean "onecycle"'),
    ],
)
def test_values_that_cannot_be(bad, kind, says):
    with pytest.raises(ValueError, match=says) as caught:
        classifier(**bad).fit(X, CLASSES)
    assert isinstance(caught.value, (kind, InvalidParameter))


@pytest.mark.parametrize(
    ("doubtful", "says"),
    [
        ({"activation": "selu", "normalization": "batch"}, "SELU keeps its own mean and variance"),
        ({"activation": "selu", "kernel_initializer": "he_normal"}, "LeCun's normal initialisation only"),
        ({"normalization": "batch", "batch_size": 1}, "a single row has no variance"),
    ],
)
def test_combinations_that_work_badly(doubtful, says):
    """Row 38."""
    with pytest.warns(UserWarning, match=says):
        classifier(**{"max_iter": 1} | doubtful).fit(
            X[:20] if "batch_size" in doubtful else X, CLASSES[:20].repeat(1 if "batch_size" in doubtful else 8)
        )
