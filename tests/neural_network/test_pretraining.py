"""Pretraining: whose weights go where, which layers stay, what counts as a label, and what is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

import lamina
from lamina import Autoencoder, Contrastive, MaskedFeatures, MLPClassifier, MLPRegressor
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.neural_network.pretraining import SHARED, pretrainer_of
from lamina.reuse import PairNetwork
from lamina.search import PopulationSearchCV

X, Y = load_digits(return_X_y=True)
X, Y = X[:200] / 16, Y[:200]
MARKED = np.where(np.arange(200) < 60, Y, -1)
SMALL = {"hidden_layer_sizes": (12, 8), "max_iter": 4, "frozen_epochs": 3, "random_state": 0}
TASK = MaskedFeatures(max_iter=3)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL, pretrain=TASK).fit(X, MARKED)


def hidden(network):
    return [*network.coefs_[:2], *network.intercepts_[:2]]


def test_phases_are_pretraining_then_the_output_then_all_layers(fitted):
    """Row 101."""
    assert fitted.history_["phase"].tolist() == ["frozen"] * 3 + ["fine-tuning"] * 4
    assert fitted.n_iter_ == 7
    frozen = MLPClassifier(**SMALL | {"max_iter": 1, "learning_rate_init": 1e-12}, pretrain=TASK).fit(X, MARKED)
    for ours, learned in zip(hidden(frozen), hidden(frozen.pretrainer_), strict=True):
        np.testing.assert_allclose(ours, learned, atol=1e-10)
    for ours, learned in zip(hidden(fitted), hidden(fitted.pretrainer_), strict=True):
        assert not np.array_equal(ours, learned)


def test_hidden_layers_learn_from_all_rows_and_the_output_from_labelled_ones(fitted):
    """Rows 98, 101."""
    task = clone(TASK).set_params(hidden_layer_sizes=(12, 8), random_state=fitted.pretrainer_.random_state).fit(X)
    for ours, theirs in zip(hidden(task), hidden(fitted.pretrainer_), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    output = MLPClassifier(**SMALL | {"hidden_layer_sizes": (), "max_iter": 3})
    drawn = MLPClassifier(**SMALL)
    drawn._prepare(X[:60], Y[:60])
    features = task.transform(X[:60])
    output.fit(features, Y[:60], coefs_init=drawn.coefs_[2:], intercepts_init=drawn.intercepts_[2:])
    np.testing.assert_allclose(fitted.history_["loss"][:3], output.history_["loss"], rtol=0.05)


@pytest.mark.parametrize(
    "task",
    [
        Autoencoder(max_iter=2, noise="gaussian"),
        Autoencoder(max_iter=2, greedy=True),
        Contrastive(max_iter=2),
        MaskedFeatures(max_iter=2),
    ],
)
def test_every_task_pretrains(task):
    """Rows 101, 102, 103."""
    network = MLPClassifier(**SMALL, pretrain=task).fit(X, MARKED)
    assert network.pretrainer_.hidden_layer_sizes == (12, 8)
    assert network.pretrainer_.get_params()["max_iter"] == 2
    assert np.isfinite(network.pretrainer_.loss_)


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("autoencoder", Autoencoder()),
        ("contrastive", Contrastive()),
        ("greedy", Autoencoder(greedy=True)),
        ("masked", MaskedFeatures()),
    ],
)
def test_a_name_stands_for_an_object_with_its_defaults(name, task):
    """Rows 101, 102, 103."""
    named = pretrainer_of(MLPClassifier(**SMALL, pretrain=name), np.random.RandomState(0))
    assert type(named) is type(task)
    assert named.hidden_layer_sizes == SMALL["hidden_layer_sizes"]
    others = task.get_params().keys() - {"random_state", *SHARED}
    assert {name: named.get_params()[name] for name in others} == {name: task.get_params()[name] for name in others}


def test_unlabelled_rows_may_be_given_apart(fitted):
    apart = MLPClassifier(**SMALL, pretrain=TASK).fit(X[:60], Y[:60], unlabeled=X[60:])
    np.testing.assert_array_equal(apart.predict_proba(X), fitted.predict_proba(X))
    assert apart.classes_.tolist() == list(range(10))


def test_text_labels_with_minus_one_as_objects():
    names = np.array([f"digit {y}" for y in Y], dtype=object)
    names[60:] = -1
    network = MLPClassifier(**SMALL, pretrain=TASK)
    assert network.fit(X, names).classes_.tolist() == [f"digit {y}" for y in range(10)]
    assert network.fit(X, names.tolist()).predict(X[:3]).dtype.kind == "U"
    with pytest.raises(DataError, match="array of objects"):
        network.fit(X, names.astype(str))


def test_several_labels():
    several = np.stack([Y % 2, Y > 4], axis=1).astype(int)
    several[60:] = -1
    network = MLPClassifier(**SMALL, pretrain=TASK).fit(X, several)
    assert network.predict(X).shape == (200, 2)


def test_numbers_without_labels_are_nan():
    target = np.where(np.arange(200) < 60, X[:, 20], np.nan)
    network = MLPRegressor(**SMALL, pretrain=TASK).fit(X, target)
    apart = MLPRegressor(**SMALL, pretrain=TASK).fit(X[:60], X[:60, 20], unlabeled=X[60:])
    np.testing.assert_array_equal(network.predict(X), apart.predict(X))
    with pytest.raises(ValueError, match="NaN"):
        MLPRegressor(**SMALL).fit(X, target)


def test_without_pretraining_minus_one_is_a_class():
    network = MLPClassifier(**SMALL).fit(X, np.where(Y > 4, 1, -1))
    assert network.classes_.tolist() == [-1, 1]
    assert "phase" not in network.history_
    assert not hasattr(network, "pretrainer_")


def test_weights_are_those_of_labelled_rows(fitted):
    weight = np.where(np.arange(200) < 60, 1.0, np.arange(200))
    weighted = MLPClassifier(**SMALL, pretrain=TASK).fit(X, MARKED, sample_weight=weight)
    np.testing.assert_allclose(weighted.predict_proba(X), fitted.predict_proba(X), rtol=1e-6)


def test_early_stopping_holds_out_the_same_labelled_rows_for_both_phases():
    network = MLPClassifier(**SMALL, pretrain=TASK, early_stopping=True, validation_fraction=0.25).fit(X, MARKED)
    scores = network.history_["val_score"]
    assert len(scores) == 7
    assert set(np.round(scores * 15) / 15) == set(scores)  # 15 of the 60 labelled rows
    assert network.best_validation_score_ == scores.max()


def test_lbfgs_keeps_frozen_layers():
    network = MLPClassifier(**SMALL | {"max_iter": 5}, solver="lbfgs", pretrain=TASK).fit(X, MARKED)
    assert network.history_["phase"].tolist().count("frozen") == 3
    still = MLPClassifier(**SMALL | {"max_iter": 1}, solver="lbfgs", pretrain=TASK)
    still._frozen = ("dense", "dense_1")
    plain = clone(still).set_params(pretrain=None)
    plain._frozen = still._frozen
    start = clone(plain)
    start._prepare(X[:60], Y[:60])
    plain.fit(X[:60], Y[:60])
    for ours, drawn in zip(hidden(plain), hidden(start), strict=True):
        np.testing.assert_array_equal(ours, drawn)
    assert not np.array_equal(plain.coefs_[2], start.coefs_[2])


def test_normalisation_is_copied_with_its_statistics():
    network = MLPClassifier(**SMALL | {"max_iter": 1, "frozen_epochs": 0}, normalization="batch", pretrain=TASK)
    network.set_params(solver=lamina.optimizers.SGD(0.0)).fit(X, MARKED)
    ours, learned = network._weights()[0], network.pretrainer_._weights()[0]
    np.testing.assert_array_equal(ours["normalization"]["gamma"], learned["normalization"]["gamma"])
    assert not np.array_equal(learned["normalization"]["gamma"], np.ones(12))


def test_warm_start_goes_on_without_pretraining_again(fitted):
    network = MLPClassifier(**SMALL, pretrain=TASK, warm_start=True).fit(X, MARKED)
    task = network.pretrainer_
    np.testing.assert_array_equal(network.predict_proba(X), fitted.predict_proba(X))
    network.fit(X, MARKED)
    assert network.pretrainer_ is task
    assert network.history_["phase"].tolist() == ["frozen"] * 3 + ["fine-tuning"] * 8


def test_members_of_an_ensemble_pretrain_each():
    network = MLPClassifier(**SMALL, pretrain=TASK, n_members=2).fit(X[:60], Y[:60], unlabeled=X[60:])
    one, other = network.estimators_
    assert one.pretrainer_.random_state != other.pretrainer_.random_state
    alone = clone(one).fit(X, MARKED)
    np.testing.assert_allclose(alone.predict_proba(X), one.predict_proba(X), rtol=1e-6)


def test_it_can_be_searched():
    """Row 101."""
    network = MLPClassifier(**SMALL, pretrain=TASK)
    search = PopulationSearchCV(network, {"frozen_epochs": [0, 2], "pretrain__rate": [0.2]}, cv=2)
    search.fit(X[:60], Y[:60], unlabeled=X[60:])
    assert search.best_estimator_.pretrainer_.rate == 0.2
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def _through_pickle(network, folder):
    return pickle.loads(pickle.dumps(network))


def _through_file(network, folder):
    network.save(folder / "network.lamina")
    return lamina.load(folder / "network.lamina")


@pytest.mark.parametrize("again", [_through_pickle, _through_file])
def test_it_is_kept(fitted, again, tmp_path):
    copy = again(fitted, tmp_path)
    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(copy.pretrainer_.transform(X), fitted.pretrainer_.transform(X))
    assert copy.get_params()["pretrain__rate"] == TASK.rate
    assert copy.history_["phase"].tolist() == fitted.history_["phase"].tolist()


def test_a_second_fit_compiles_nothing(fitted, compiles):
    with compiles(at_most=0):
        clone(fitted).set_params(random_state=1, pretrain__rate=0.4).fit(X, MARKED)


def test_without_it_nothing_is_compiled_for_it(compiles):
    plain = MLPClassifier(**SMALL).fit(X, Y)
    with compiles(at_most=0):
        clone(plain).set_params(frozen_epochs=3).fit(X, Y)


@pytest.mark.parametrize(
    ("parameters", "arguments", "error", "message"),
    [
        ({"pretrain": "contrastiv"}, {}, UnknownName, 'Did you mean "contrastive"'),
        ({"pretrain": 3}, {}, InvalidParameter, "MaskedFeatures or lamina.Contrastive"),
        ({}, {"y": np.full(200, -1)}, DataError, "None of the 200 rows has a label"),
        ({}, {"y": np.where(Y > 4, 1, -1)}, DataError, "-1, which marks rows without a label"),
        ({}, {"unlabeled": X[:, :5]}, DataError, "unlabeled: X has 5 features"),
        ({}, {"coefs_init": []}, InvalidParameter, "coefs_init and pretrain"),
        ({"pretrain": None}, {"y": Y, "unlabeled": X}, InvalidParameter, "leave unlabeled out"),
        ({"time_budget": 1}, {}, InvalidParameter, "time_budget is for a single training"),
        ({"hidden_layer_sizes": ()}, {}, InvalidParameter, "hidden_layer_sizes has none"),
        ({"frozen_epochs": -1}, {}, InvalidParameter, "frozen_epochs"),
        ({"pretrain": PairNetwork()}, {}, InvalidParameter, r"learns from labels itself.*FineTuneClassifier\(source"),
        ({}, {"y": np.where(MARKED < 0, np.nan, Y)}, DataError, "labels are None or NaN. .* is marked by -1"),
        ({}, {"y": np.where(MARKED < 0, None, Y)}, DataError, "labels are None or NaN. .* is marked by -1"),
        ({"pretrain": MaskedFeatures(solver="lbfgs")}, {}, UnknownName, 'MaskedFeatures solver "lbfgs"'),
    ],
)
def test_what_cannot_be_pretrained_is_refused(parameters, arguments, error, message):
    network = MLPClassifier(**{**SMALL, "pretrain": "masked", **parameters})
    with pytest.raises(error, match=message):
        network.fit(X, **{"y": MARKED, **arguments})


def test_partial_fit_needs_a_fit_before():
    network = MLPClassifier(**SMALL, pretrain=TASK)
    with pytest.raises(InvalidParameter, match="Call fit first"):
        network.partial_fit(X, Y, classes=range(10))
    network.fit(X, MARKED).partial_fit(X[:60], Y[:60])


def test_columns_of_unlabelled_rows_are_compared():
    table = pd.DataFrame(X).rename(columns="pixel {}".format)
    network = MLPClassifier(**SMALL, pretrain=TASK)
    network.fit(table[:60], Y[:60], unlabeled=table[60:])
    assert network.feature_names_in_[0] == "pixel 0"
    with pytest.raises(DataError, match=r"unlabeled: [\s\S]*- pixel 0"):
        network.fit(table[:60], Y[:60], unlabeled=table[60:].rename(columns={"pixel 0": "first"}))


def test_an_interruption_ends_all_phases():
    def interrupted(self, X, y=None):
        self.set_params(max_iter=1)
        MaskedFeatures.fit(self, X)
        self.interrupted_ = True
        return self

    class Interrupted(MaskedFeatures):
        __init__ = MaskedFeatures.__init__
        fit = interrupted

    network = MLPClassifier(**SMALL, pretrain=Interrupted()).fit(X, MARKED)
    assert network.interrupted_
    assert len(network.history_["loss"]) == 0
    assert network.predict(X).shape == (200,)


def test_rates_are_found_for_each_phase():
    network = MLPClassifier(**SMALL, pretrain=TASK, learning_rate_init="find").fit(X, MARKED)
    rates = network.history_["learning_rate"]
    assert (rates[:3] == rates[0]).all()
    assert (rates[3:] == network.learning_rate_init_).all()


def test_phases_are_no_score_to_draw(fitted):
    """The diagram of a notebook draws the history, whose column "phase" holds text."""
    assert "svg" in fitted._repr_html_()
