"""Fine-tuning a classifier: what is copied, what learns in which phase, which classes there are."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline

import lamina
from lamina import MLPClassifier
from lamina.callbacks import LambdaCallback
from lamina.errors import DataError, DivergenceError, InvalidParameter, UnknownName
from lamina.reuse import FineTuneClassifier
from lamina.reuse.source import open_source


def tuned(source, **changes):
    return FineTuneClassifier(source, **{"n_reused": "all", "random_state": 0} | changes)


def test_better_than_nothing(source, few):
    """Rows 94, 95, 98: forty rows of two new classes are enough on top of a source that knows eight others."""
    train, test = few
    assert tuned(source, n_reused=1).fit(*train).score(*test) > 0.9


def test_source_is_never_changed(source, few):
    """Row 96: copies are trained; the source's arrays stay as they are, even those that cannot be written to."""
    before = [array.copy() for array in source.model_.get_weights()]
    tuned(source, epochs=2).fit(*few[0])
    assert all(np.array_equal(a, b) for a, b in zip(source.model_.get_weights(), before, strict=True))


def test_phases(source, few):
    """Rows 97, 98: in the first phase the reused layers keep every bit, statistics too; in the second they learn."""
    frozen = tuned(source, epochs=0).fit(*few[0])
    assert set(frozen.history_["phase"]) == {"frozen"}
    given, kept = source.model_.layers[:-1], frozen.model_.layers[:-1]
    for old, new in zip(given, kept, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(old.get_weights(), new.get_weights(), strict=True))

    both = tuned(source).fit(*few[0])
    assert both.history_["phase"].tolist() == ["frozen"] * 4 + ["fine-tuning"] * 16
    assert both.n_iter_ == len(both.loss_curve_) == 20
    moved = [
        not np.array_equal(a.get_weights()[0], b.get_weights()[0])
        for a, b in zip(given, both.model_.layers)
        if a.get_weights()
    ]
    assert all(moved)
    rates = both.history_["learning_rate"]
    np.testing.assert_allclose([rates[0], rates[-1]], [0.02, 0.002], rtol=1e-6)  # float32


def test_layers_that_stay_frozen(source, few):
    """Row 97: `n_frozen` counts hidden layers with what belongs to them."""
    net = tuned(source, n_frozen=1, epochs=3).fit(*few[0])
    old, new = source.model_.layers, net.model_.layers
    same = [
        all(np.array_equal(a, b) for a, b in zip(x.get_weights(), y.get_weights(), strict=True))
        for x, y in zip(old[:4], new[:4])
    ]
    assert same == [True, True, True, False]  # dense, normalisation, activation; the second dense


def test_layer_decay(source, few):
    """Row 99: with plain SGD the first change of each layer is in proportion to its learning rate."""
    settings = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "frozen_epochs": 0, "epochs": 1, "batch_size": 40}
    plain = MLPClassifier((8, 8), max_iter=1, random_state=0)
    with pytest.warns(match="Maximum iterations"):
        plain.fit(*few[0])
    changes = [
        [
            a - b
            for a, b in zip(
                tuned(plain, head="keep", layer_decay=decay, **settings).fit(*few[0]).network_.coefs_, plain.coefs_
            )
        ]
        for decay in (1.0, 0.5)
    ]
    for factor, whole, part in zip((0.25, 0.5, 1.0), *changes, strict=True):
        # the differences of numbers near 1 have an absolute error of a few times 1e-16 beside changes near 1e-5
        np.testing.assert_allclose(part, factor * whole, rtol=1e-6, atol=1e-13)


def test_classes_that_the_source_knew(source, digits):
    """Row 95: known classes keep their columns, new ones come in between where they belong in order."""
    X, y = digits
    some = np.flatnonzero(y >= 6)[:120]
    settings = {"frozen_epochs": 0, "epochs": 1, "learning_rate": 1e-12}  # all but the first weights
    net = tuned(source, **settings).fit(X[some], y[some])
    assert net.classes_.tolist() == list(range(10))
    old = y < 8
    known = source.predict_proba(X[old])
    again = net.predict_proba(X[old])[:, :8]
    # softmax over more columns divides by another number: ratios of known classes stay; statistics move a little
    ratio = again / again.sum(axis=1, keepdims=True)
    assert np.mean(ratio.argmax(axis=1) == known.argmax(axis=1)) > 0.97
    output = net.network_.coefs_[-1]
    np.testing.assert_allclose(output[:, :8], source.coefs_[-1], atol=1e-9)
    assert tuned(source, head="new", **settings).fit(X[some], y[some]).classes_.tolist() == [6, 7, 8, 9]


def test_two_classes_become_three():
    """Row 95: one logistic output is a softmax of half of it for each side: the same probabilities of the old two."""
    rng = np.random.RandomState(0)
    X = rng.randn(90, 4)
    y = np.where(X[:, 0] > 0, "yes", "no")
    with pytest.warns(match="Maximum iterations"):
        two = MLPClassifier((6,), max_iter=20, random_state=0).fit(X, y)
    three = np.where(X[:, 1] > 1, "maybe", y)
    net = tuned(two, epochs=1, frozen_epochs=0, learning_rate=1e-12).fit(X, three)
    assert net.classes_.tolist() == ["maybe", "no", "yes"]
    p = net.predict_proba(X)[:, 1:]
    np.testing.assert_allclose(p / p.sum(axis=1, keepdims=True), two.predict_proba(X), atol=1e-9)


def test_choice(source, few, digits):
    """Row 98: "auto" says what all numbers of layers were worth, and takes a good one."""
    net = tuned(source, n_reused="auto", epochs=4).fit(*few[0])
    table = net.choice_
    pairs = list(zip(table["n_reused"].tolist(), table["n_frozen"].tolist()))
    chosen = pairs.index((net.n_reused_, net.n_frozen_))
    assert chosen in (int(np.argmin(table["mean_loss"])), pairs.index((2, 0)))
    assert pairs == [(0, 0), (1, 0), (1, 1), (2, 0), (2, 2)]
    again = tuned(source, n_reused="auto", epochs=4).fit(*few[0])
    np.testing.assert_array_equal(again.choice_["mean_loss"], table["mean_loss"])
    X, y = few[0]
    lonely = tuned(source, n_reused="auto", epochs=1).fit(np.r_[X, X[:1]], np.r_[y, 3])
    assert lonely.choice_ is None  # one row of a class: no folds
    assert lonely.n_reused_ == 2


def test_clones_keep_the_source(source, few):
    """scikit-learn's clone makes an unfitted copy of every estimator; of a source that would be nothing."""
    (X, y), _ = few
    assert clone(tuned(source)).source is source
    assert cross_val_score(tuned(source, epochs=8), X, y, cv=2).mean() > 0.6
    grid = GridSearchCV(tuned(source, frozen_epochs=1), {"epochs": [1, 3], "n_reused": [1, 2]}, cv=2).fit(X, y)
    assert grid.best_params_["n_reused"] in (1, 2)
    assert open_source(FrozenEstimator(source)).classes.tolist() == list(range(8))


def test_searchable_in_a_population(source, few):
    """Rows 98, 141: its settings are searched for as those of any network, with the same results."""
    from lamina.search import PopulationSearchCV

    grid = {"epochs": [1, 4], "learning_rate": [1e-3, 1e-2]}
    searches = [kind(tuned(source), grid, cv=2).fit(*few[0]) for kind in (GridSearchCV, PopulationSearchCV)]
    one, other = (search.cv_results_["mean_test_score"] for search in searches)
    np.testing.assert_allclose(one, other)
    with pytest.raises(InvalidParameter, match=r'trains in phases and cannot be stopped.*strategy="full"'):
        PopulationSearchCV(tuned(source), grid, cv=2, strategy="halving").fit(*few[0])


def test_files_and_pickles(source, few, tmp_path):
    """A file holds what was trained; to fit again takes the source."""
    net = tuned(source, epochs=1).fit(*few[0])
    X = few[1][0]
    net.save(tmp_path / "net.lamina")
    loaded = lamina.load(tmp_path / "net.lamina")
    for other in (loaded, pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(other.predict_proba(X), net.predict_proba(X))
        assert other.history_["phase"].tolist() == net.history_["phase"].tolist()
    with pytest.raises(InvalidParameter, match="source=None: give the network"):
        loaded.fit(*few[0])
    assert loaded.set_params(source=source).fit(*few[0]).score(*few[1]) > 0.5


def test_in_a_pipeline_and_once_more(source, few):
    """What a fine-tuned network has learned can be a source again, with all that rows go through."""
    from sklearn.preprocessing import FunctionTransformer

    (X, y), (X_test, _) = few
    pipe = make_pipeline(FunctionTransformer(lambda X: X / 16), tuned(source, epochs=4)).fit(16 * X, y)
    again = tuned(pipe, epochs=0, frozen_epochs=1, frozen_learning_rate=1e-12).fit(16 * X, y)
    np.testing.assert_allclose(again.predict_proba(16 * X_test), pipe.predict_proba(16 * X_test), atol=1e-9)
    assert again.classes_.tolist() == [8, 9]


def test_what_mlps_have_too(source, few):
    (X, y), _ = few
    net = tuned(source, dropout=0.2, new_hidden=8, epochs=2).fit(X, y, validation_data=few[1])
    assert np.isfinite(net.history_["val_loss"]).all()
    loss, score = net.evaluate(X, y)
    np.testing.assert_allclose(loss, log_loss(y, net.predict_proba(X)), rtol=1e-6)
    assert score == net.score(X, y)
    assert net.hidden_activations(X).shape == (40, 8)
    assert net.predict_uncertainty(X, 5).mean.shape == (40, 2)
    np.testing.assert_allclose(np.exp(net.predict_log_proba(X)), net.predict_proba(X))
    stopped = tuned(source, early_stopping=True, n_iter_no_change=1, validation_fraction=0.3).fit(X, y)
    assert stopped.n_iter_ < 20
    assert "did not improve" in stopped.stop_reason_


def test_several_labels(source, digits):
    X, y = digits
    labels = np.stack([y % 2, y > 4], axis=1).astype(int)
    net = tuned(source, epochs=2).fit(X[:200], labels[:200])
    assert net.predict(X[:5]).shape == (5, 2)


def test_labels_that_are_kept(source, digits):
    """A source of as many labels keeps its output; one of classes has none for labels."""
    X, y = digits
    labels = np.stack([y % 2, y > 4], axis=1).astype(int)[:200]
    with pytest.warns(match="Maximum iterations"):
        several = MLPClassifier((8,), max_iter=2, random_state=0).fit(X[:200], labels)
    untrained = {"frozen_epochs": 1, "epochs": 0, "frozen_learning_rate": 1e-12}
    kept = tuned(several, **untrained).fit(X[:200], labels)
    np.testing.assert_allclose(kept.predict_proba(X), several.predict_proba(X), atol=1e-9)
    assert tuned(several, **untrained).fit(X[:200], y[:200]).classes_.tolist() == list(range(10))
    with pytest.raises(DataError, match="needs an output for 2 columns of y"):
        tuned(source, head="keep").fit(X[:200], labels)


def test_choice_of_unequal_folds(source, few):
    """A fold without a class is a fold; nothing but divergence leaves all layers; no batch is too large to say so."""
    X, y = few[0]
    sorted_rows = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    net = tuned(source, n_reused="auto", epochs=1, cv=sorted_rows).fit(X, y)
    assert np.isfinite(net.choice_["mean_loss"]).all()
    net = tuned(source, n_reused="auto", epochs=2, solver="sgd", learning_rate=1e30, cv=StratifiedShuffleSplit(2))
    with pytest.raises(DivergenceError, match="In the phase"):
        net.fit(X, y)
    assert (net.n_reused_, net.n_frozen_) == (2, 0)
    assert np.isinf(net.choice_["mean_loss"]).all()


def test_few_rows_give_no_warnings(source, few, recwarn):
    X, y = few[0]
    tuned(source, n_reused="auto", epochs=1, frozen_epochs=0).fit(X[17:23], y[17:23])
    tuned(source, epochs=1).fit(X[:1], y[:1])
    assert not recwarn.list


def test_interruption(source, few):
    """Ctrl-C ends the phase and those after it; what was learned is kept."""

    def press(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted"):
        net = tuned(source).fit(*few[0], callbacks=[LambdaCallback(on_epoch_end=press)])
    assert net.n_iter_ == 2
    assert net.predict(few[1][0]).shape == (len(few[1][0]),)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"n_reused": 3}, InvalidParameter, "the source has 2 hidden layers"),
        ({"n_reused": "al"}, UnknownName, 'Did you mean "all"'),
        ({"n_reused": 1, "n_frozen": 2}, InvalidParameter, "cannot stay frozen"),
        ({"epochs": 0, "frozen_epochs": 0}, InvalidParameter, "train nothing"),
        ({"head": "kept"}, UnknownName, 'Did you mean "keep"'),
        ({"head": "keep", "new_hidden": 4}, DataError, 'Use head="new"'),
        ({"new_hidden": (4, 2.5)}, InvalidParameter, "new_hidden must be > 0, got .4.0, 2.5."),
        ({"solver": "lbfgs"}, UnknownName, "Unknown FineTuneClassifier solver"),
        ({"layer_decay": 0}, InvalidParameter, "layer_decay to be a number above 0"),
        ({"learning_rate": "fast"}, InvalidParameter, "learning_rate to be a number above 0"),
    ],
)
def test_wrong_parameters(source, few, changes, error, message):
    with pytest.raises(error, match=message):
        tuned(source, **changes).fit(*few[0])


def test_bad_input_is_named(source, few):
    """In this estimator's words, before anything is trained."""
    X, y = few[0]
    with pytest.raises(DataError, match=r"NaN in column 0 .* FineTuneClassifier needs finite numbers"):
        tuned(source).fit(np.full_like(X, np.nan), y)
    with pytest.raises(DataError, match=r"validation_data expects a tuple .* Received tuple of length 1"):
        tuned(source, n_reused="auto").fit(X, y, validation_data=(X,))
    with pytest.raises(DataError, match="Unknown label type"):
        tuned(source).fit(X, np.array([None] * len(y)))
    with pytest.raises(DataError, match="The source takes 64 columns, but X has 3"):
        tuned(source).fit(X[:, :3], y)


def test_a_fit_that_fails_changes_nothing(source, few):
    X, y = few[0]
    net = tuned(source, epochs=1).fit(X, y)
    before, expected = dict(vars(net)), net.predict_proba(X)
    for rows, labels in ((np.full_like(X, np.nan), y), (X[:, :3], y), (X, y + 0.5)):
        with pytest.raises(DataError):
            net.fit(rows, labels)
    assert vars(net) == before
    np.testing.assert_array_equal(net.predict_proba(X), expected)
    with pytest.raises(DataError):
        tuned(source).fit(X, y, validation_data=(X,))


def test_labels_of_another_kind(source, few):
    """Words beside a source of numbers are new classes; kept ones have to be of one kind."""
    X, y = few[0]
    words = np.where(y == 8, "eight", "nine")
    assert tuned(source, epochs=1).fit(X, words).classes_.tolist() == ["eight", "nine"]
    assert tuned(source, epochs=1).fit(X, y == 8).classes_.tolist() == [False, True]  # not the digits 0 and 1
    with pytest.raises(DataError, match="give labels of its kind"):
        tuned(source, epochs=1, head="keep").fit(X, words)


def test_settings_compile_nothing(source, few, compiles):
    """Row 98: rates, their decay, epochs and seeds are values of the program."""
    tuned(source, epochs=1).fit(*few[0])
    changes = {
        "learning_rate": 0.02,
        "layer_decay": 0.5,
        "frozen_epochs": 2,
        "epochs": 3,
        "random_state": 1,
        "alpha": 0.1,
    }
    with compiles(at_most=0):
        tuned(source, **changes).fit(*few[0])
