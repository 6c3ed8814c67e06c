"""Gradient flow over a training: its numbers, and that nothing else changes. Rows 22, 41."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

import lamina as keras
from lamina import MLPClassifier, MLPRegressor, Sequential
from lamina.callbacks import Callback, CallbackList, LambdaCallback
from lamina.engine.probe import QUANTITIES
from lamina.errors import DataError, DivergenceError, InvalidParameter
from lamina.inspection import GradientFlow, gradient_flow
from lamina.layers import Activation, BatchNormalization, Dense, Dropout
from lamina.optimizers import SGD, Adam, AdamW
from lamina.optimizers.schedules import OneCycle
from lamina.reuse import FineTuneClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.RandomState(0)
X = RNG.normal(size=(50, 3))
Y = (X[:, 0] + 0.5 * RNG.normal(size=50) > 0).astype(int)
TWO = np.column_stack([X[:, 0] - X[:, 1], X[:, 2]])


class Weights(Callback):
    """The weights before training and after every epoch, by layer, as one vector each."""

    def on_train_begin(self, logs=None):
        self.seen = [self._now()]

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(self._now())

    def _now(self):
        model = self.model
        if isinstance(model, Sequential):
            arrays = [layer.get_weights() for layer in model.layers]
        else:
            arrays = list(zip(model.coefs_, model.intercepts_, strict=True))
        return [np.concatenate([np.ravel(a).astype(float) for a in layer]) for layer in arrays]

    @property
    def moved(self):
        """How far each layer moves in each epoch."""
        pairs = zip(self.seen[:-1], self.seen[1:], strict=True)
        return [[np.linalg.norm(b - a) for a, b in zip(*pair, strict=True)] for pair in pairs]


def model_of(*layers, optimizer="adam", loss="sparse_categorical_crossentropy", dtype="float32"):
    model = Sequential([keras.Input((3,)), *layers], dtype=dtype)
    model.compile(optimizer, loss)
    return model


def fit(model, x, y, *callbacks, epochs=2, **how):
    """Train a model or an estimator."""
    if isinstance(model, Sequential):
        model.fit(x, y, epochs=epochs, callbacks=callbacks, verbose=0, **how)
    else:
        model.set_params(max_iter=epochs).fit(x, y, callbacks=callbacks, **how)
    return model


@pytest.fixture(scope="module")
def classifier_flow():
    """A flow, and the classifier whose training it is of."""
    flow = GradientFlow(X, Y)
    return flow, fit(MLPClassifier((5, 4), activation="tanh", alpha=0, random_state=0), X, Y, flow, epochs=3)


def test_gradients_by_hand(classifier_flow):
    """A backward pass in NumPy on the final weights: tanh, one sigmoid output, cross-entropy."""
    flow, model = classifier_flow
    (w1, w2, w3), (b1, b2, b3) = model.coefs_, model.intercepts_
    h1 = np.tanh(X @ w1 + b1)
    h2 = np.tanh(h1 @ w2 + b2)
    z = h2 @ w3 + b3
    dz = (1 / (1 + np.exp(-z)) - Y[:, None]) / len(X)
    dh2 = dz @ w3.T
    d2 = dh2 * (1 - h2**2)
    dh1 = d2 @ w2.T
    d1 = dh1 * (1 - h1**2)
    grads = [np.append(a.T @ d, d.sum(axis=0)) for a, d in [(X, d1), (h1, d2), (h2, dz)]]
    np.testing.assert_allclose(flow.gradient_norm[-1], [np.linalg.norm(g) for g in grads], rtol=1e-10)
    np.testing.assert_allclose(flow.activation_std[-1], [h.std() for h in (h1, h2, z)], rtol=1e-10)
    np.testing.assert_allclose(flow.signal_gradient_std[-1], [d.std() for d in (dh1, dh2, dz)], rtol=1e-10)
    np.testing.assert_allclose(flow.saturated[-1, :2], [(np.abs(h) > 0.95).mean() for h in (h1, h2)], rtol=1e-6)


def test_shapes_names_and_table(classifier_flow):
    flow, _ = classifier_flow
    assert flow.layers == ["dense", "dense_1", "dense_2"]
    assert flow.epoch.tolist() == [0, 1, 2, 3]
    table = pd.DataFrame(flow.to_dict())
    assert table.shape == (12, 11)
    of_layer = table[table.layer == "dense_1"]
    assert of_layer.update_ratio.tolist() == (flow.update_norm / flow.weight_norm)[:, 1].tolist()


ESTIMATORS = {
    "momentum": {"solver": "sgd", "learning_rate_init": 0.1},
    "adam": {},
    "clipnorm": {"clipnorm": 0.01, "solver": "sgd", "learning_rate_init": 0.5},
    "weights of classes": {"class_weight": {0: 1, 1: 9}, "solver": "sgd"},
    "inverse scaling": {"learning_rate": "invscaling", "solver": "sgd", "power_t": 1.0},
}


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_updates_are_real_steps_of_an_estimator(kind):
    """One full-batch step an epoch on the rows that are measured: the change foreseen is the one that happens."""
    flow, weights = GradientFlow(X, Y), Weights()
    fit(MLPClassifier((6, 4), batch_size=50, random_state=0, **ESTIMATORS[kind]), X, Y, flow, weights)
    np.testing.assert_allclose(flow.update_norm[0], weights.moved[0], rtol=1e-9)
    if kind != "inverse scaling":  # the next step's rate is not the last one's
        np.testing.assert_allclose(flow.update_norm[1], weights.moved[1], rtol=1e-9)


OPTIMIZERS = {
    "momentum": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "clipnorm": lambda: Adam(0.01, clipnorm=0.01),
    "decay": lambda: AdamW(0.01, weight_decay=0.5),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_updates_are_real_steps_of_a_model(kind):
    """Also in a second training, in which the optimizer goes on."""
    model = model_of(Dense(6, "elu"), Dense(2, "softmax"), optimizer=OPTIMIZERS[kind](), dtype="float64")
    for _ in range(2):
        flow, weights = GradientFlow(X, Y), Weights()
        fit(model, X, Y, flow, weights, batch_size=50)
        np.testing.assert_allclose(flow.update_norm[:2], weights.moved, rtol=1e-9)


def test_a_second_training_of_a_model_goes_on_with_its_schedule():
    """The rate foreseen for its first step is the one that the step takes."""
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    model = model_of(Dense(2, "softmax"), optimizer=SGD(rate), dtype="float64")
    for _ in range(2):
        flow, weights = GradientFlow(X, Y), Weights()
        fit(model, X, Y, flow, weights, batch_size=50)
        np.testing.assert_allclose(flow.update_norm[0], weights.moved[0], rtol=1e-9)


@pytest.mark.parametrize("change", [{}, {"solver": "sgd"}])
def test_a_warm_start_begins_with_a_fresh_optimizer(change):
    model = MLPClassifier((4,), batch_size=50, random_state=0, warm_start=True)
    fit(model, X, Y)
    flow, weights = GradientFlow(X, Y), Weights()
    fit(model.set_params(**change), X, Y, flow, weights)
    np.testing.assert_allclose(flow.update_norm[:2], weights.moved, rtol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [{"dropout": 0.3, "normalization": "batch"}, {"early_stopping": True, "learning_rate": "onecycle"}],
)
def test_the_training_of_an_estimator_stays_the_same(settings):
    """To the last bit."""
    plain, watched = (MLPClassifier((5,), batch_size=16, random_state=0, **settings) for _ in range(2))
    fit(plain, X, Y, epochs=4)
    flow = GradientFlow(X, Y)
    fit(watched, X, Y, flow, epochs=4)
    assert watched.loss_curve_ == plain.loss_curve_
    assert all(map(np.array_equal, plain.coefs_ + plain.intercepts_, watched.coefs_ + watched.intercepts_))
    trained = np.isfinite(flow.gradient_norm).all(axis=0)
    assert trained.sum() == 3 if "normalization" in settings else trained.all()


def test_the_training_of_a_model_stays_the_same():
    """To the last bit, with noise and statistics of batches."""
    trained = []
    for callbacks in ([], [GradientFlow(X, Y)]):
        keras.utils.set_random_seed(3)
        model = model_of(Dense(5, "relu"), BatchNormalization(), Dropout(0.3), Dense(2, "softmax"))
        fit(model, X, Y, *callbacks, batch_size=16)
        trained.append((model.history.history, model.get_weights()))
    (history, weights), (other_history, other_weights) = trained
    assert history == other_history
    assert all(map(np.array_equal, weights, other_weights))


CLASSIFIERS = {
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 1},
    "1cycle": {"learning_rate": "onecycle", "early_stopping": True, "dropout": 0.2},
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_epochs_that_share_a_dispatch_are_measured_as_single_ones(kind):
    """Another callback that acts between epochs makes each a dispatch of its own."""
    together, single = GradientFlow(X, Y), GradientFlow(X, Y)
    settings = {"batch_size": 16, "random_state": 0, **CLASSIFIERS[kind]}
    fit(MLPClassifier((5,), **settings), X, Y, together, epochs=6)
    fit(MLPClassifier((5,), **settings), X, Y, single, Callback(), epochs=6)
    assert CallbackList([together]).only_watches
    assert len(together.epoch) == 7
    for name in QUANTITIES:
        np.testing.assert_array_equal(getattr(together, name), getattr(single, name))


@pytest.mark.parametrize("model", ["estimator", "model"])
def test_the_rate_is_that_of_the_last_step(model):
    """Plain descent moves the weights by the rate times the gradient. 50 rows in batches of 16 are four steps."""
    halves = SGD(lambda step: 0.1 * 0.5**step)
    if model == "estimator":
        trained = MLPClassifier((4,), solver=halves, batch_size=16, alpha=0, random_state=0)
        flow = GradientFlow(X, Y)
        fit(trained, X, Y, flow)
    else:
        flow = GradientFlow(X, Y)
        fit(model_of(Dense(2, "softmax"), optimizer=halves, dtype="float64"), X, Y, flow, batch_size=16)
    rates = flow.update_norm / flow.gradient_norm
    np.testing.assert_allclose(rates, 0.1 * 0.5 ** np.array([[0], [3], [7]]) * np.ones_like(rates), rtol=1e-9)


def test_a_model_whose_epochs_are_cut_into_batches_is_measured_alike():
    flows = []
    for callbacks in ([], [LambdaCallback(on_train_batch_end=lambda batch, logs: None)]):
        keras.utils.set_random_seed(3)
        flows.append(GradientFlow(X, Y))
        model = model_of(Dense(5, "relu"), Dropout(0.3), Dense(2, "softmax"), dtype="float64")
        fit(model, X, Y, flows[-1], *callbacks, batch_size=16)
    whole, cut = flows
    for name in QUANTITIES:
        np.testing.assert_allclose(getattr(cut, name), getattr(whole, name), rtol=1e-9)


def test_a_second_training_compiles_nothing(compiles):
    """Other numbers of epochs, rates, penalties, seeds and values of layers."""

    def train(epochs, rate, dropout, alpha, seed):
        flow = GradientFlow(X, Y)
        settings = {"learning_rate_init": rate, "dropout": dropout, "alpha": alpha, "random_state": seed}
        fit(MLPClassifier((7,), **settings), X, Y, flow, epochs=epochs)
        model = model_of(Dense(7, "relu"), Dropout(dropout), Dense(2, "softmax"), optimizer=Adam(rate))
        fit(model, X, Y, flow, epochs=epochs)

    train(2, 0.01, 0.2, 0.1, 0)
    with compiles(at_most=0):
        train(3, 0.02, 0.3, 0.2, 1)


LOSSES = {
    "huber": (TWO, 2),
    "poisson": (np.exp(TWO), 2),
    "binary_crossentropy": ((TWO > 0).astype(int), 2),
    "sparse_categorical_crossentropy": (Y, 2),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_keras(loss):
    """Plain descent with rate 0.1 on all rows moves the weights by a tenth of the gradient."""
    y, units = LOSSES[loss]
    last = {"binary_crossentropy": "sigmoid", "poisson": "exponential"}.get(loss, "softmax" if "cat" in loss else None)
    model = model_of(Dense(4, "tanh"), Dense(units, last), optimizer=SGD(0.1), loss=loss, dtype="float64")
    flow, weights = GradientFlow(X, y), Weights()
    fit(model, X, y, flow, weights, batch_size=50)
    np.testing.assert_allclose(0.1 * flow.gradient_norm[:2], weights.moved, rtol=1e-9)


def test_regression_with_several_outputs():
    flow, weights = GradientFlow(X, TWO), Weights()
    settings = {"hidden_layer_sizes": (4,), "solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1}
    fit(MLPRegressor(batch_size=50, random_state=0, **settings), X, TWO, flow, weights)
    np.testing.assert_allclose(0.1 * flow.gradient_norm[:2], weights.moved, rtol=1e-9)


def test_no_epochs_leave_the_first_weights_measured():
    """With a schedule that is planned over the training, too."""
    flow = GradientFlow(X, Y)
    fit(model_of(Dense(2, "softmax"), optimizer=SGD(OneCycle(0.1))), X, Y, flow, epochs=0)
    assert flow.gradient_norm.shape == (1, 1)
    assert gradient_flow(model_of(Dense(2, "softmax")), X, Y, epochs=0).epoch.tolist() == [0]


def test_one_row():
    flow = GradientFlow(X[:1], Y[:1])
    fit(model_of(Dense(4, "relu"), Dense(2, "softmax")), X, Y, flow)
    assert np.isnan(flow.dead).all()
    assert np.isfinite(flow.gradient_norm).all()


def test_rows_are_taken_from_all_over():
    """The last one too; of sorted rows, both classes are seen."""
    order = np.argsort(Y)
    few = GradientFlow(X[order], Y[order], n_rows=2)
    same = GradientFlow(X[order[[0, -1]]], Y[order[[0, -1]]])
    fit(model_of(Dense(2, "softmax")), X, Y, few, same)
    np.testing.assert_array_equal(few.gradient_norm, same.gradient_norm)


def test_frozen_layers():
    """They have signals, and neither gradients nor updates."""
    flow = GradientFlow(X, Y)
    fit(model_of(Dense(4, "relu", trainable=False), BatchNormalization(), Dense(2), Activation("softmax")), X, Y, flow)
    assert flow.layers == ["dense", "batch_normalization", "dense_1", "activation"]
    for measured in (flow.gradient_norm, flow.update_norm, flow.update_ratio):
        assert np.isnan(measured).all(axis=0).tolist() == [True, False, False, True]
    assert np.isfinite(flow.weight_norm[:, :3]).all()
    assert np.isfinite(flow.signal_gradient_std).all()


def test_a_copy_keeps_the_weights_of_frozen_layers():
    model = model_of(Dense(4, "relu", trainable=False), Dense(2, "softmax"))
    flow = gradient_flow(model, X, Y, epochs=1)
    size = np.linalg.norm(np.append(*map(np.ravel, model.layers[0].get_weights())))
    np.testing.assert_allclose(flow.weight_norm[:, 0], size, rtol=1e-5)


def test_a_copy_is_trained_and_the_model_stays():
    model = fit(model_of(Dense(2, "softmax")), X, Y, epochs=3)
    before = model.get_weights()
    assert gradient_flow(model, X, Y).epoch.tolist() == [0, 1, 2, 3]
    assert all(map(np.array_equal, before, model.get_weights()))
    classifier = MLPClassifier((4,), max_iter=2).partial_fit(X, Y, classes=[0, 1])
    coefs = classifier.coefs_
    assert len(gradient_flow(classifier, X, Y).epoch) == 3
    assert classifier.coefs_ is coefs


def test_sick_nets_are_told_from_healthy_ones():
    """Row 22: ReLUs pushed below zero are dead; rows 41, 42: deep sigmoids let little through, ReLUs with He more."""
    dead = MLPClassifier((20,), random_state=0, max_iter=1)
    flow = GradientFlow(X, Y)
    rng = np.random.RandomState(0)
    weights = [rng.normal(size=(3, 20)), rng.normal(size=(20, 1))]
    dead.fit(X, Y, coefs_init=weights, intercepts_init=[np.repeat([-50.0, 0.0], 10), np.zeros(1)], callbacks=[flow])
    assert flow.dead[:, 0].tolist() == [0.5, 0.5]
    deep = {"hidden_layer_sizes": (20,) * 5, "random_state": 0}
    sigmoid = gradient_flow(MLPClassifier(activation="logistic", **deep), X, Y, epochs=1).gradient_norm[0]
    healthy = gradient_flow(MLPClassifier(kernel_initializer="he_normal", **deep), X, Y, epochs=1).gradient_norm[0]
    assert sigmoid[0] < 0.01 * sigmoid[-1]
    assert healthy[0] > 0.1 * healthy[-1]


def test_a_diverged_training_is_on_record():
    flow = GradientFlow(X, TWO)
    with pytest.raises(DivergenceError):
        fit(MLPRegressor(hidden_layer_sizes=(4,), solver="sgd", learning_rate_init=1e9), X, TWO, flow, epochs=9)
    assert len(flow.epoch) > 1
    assert flow.gradient_norm[-1, 0] > 1e6 * flow.gradient_norm[0, 0]


def test_before_training_there_is_nothing():
    flow = GradientFlow(X, Y)
    assert flow.gradient_norm.shape == flow.update_ratio.shape == (0, 0)
    assert flow.to_dict()["epoch"] == []
    with pytest.raises(AttributeError, match="has no attribute 'gradients'"):
        _ = flow.gradients


def test_one_callback_serves_several_trainings_and_can_be_kept():
    flow = GradientFlow(X, Y)
    fit(MLPClassifier((4,)), X, Y, flow)
    fit(model_of(Dense(2, "softmax")), X, Y, flow, epochs=1)
    assert flow.layers == ["dense"]
    kept = pickle.loads(pickle.dumps(flow))
    np.testing.assert_array_equal(kept.gradient_norm, flow.gradient_norm)
    assert kept.gradient_norm.shape == (2, 1)


def test_tables_with_names_and_texts_as_classes():
    table, y = pd.DataFrame(X, columns=list("abc")), np.where(Y, "yes", "no")
    flow = GradientFlow(table, y)
    fit(MLPClassifier((4,)), table, y, flow)
    assert np.isfinite(flow.gradient_norm).all()


@pytest.mark.parametrize("call", [lambda m, f: fit(m, X, Y, f), lambda m, f: gradient_flow(m, X, Y)])
def test_lbfgs_has_no_steps(call):
    with pytest.raises(InvalidParameter, match='solver="lbfgs" has no steps'):
        call(MLPClassifier((4,), solver="lbfgs"), GradientFlow(X, Y))


def test_what_cannot_be_measured():
    with pytest.raises(InvalidParameter, match=r"type Pipeline\. Expected an MLPClassifier.*last step"):
        gradient_flow(make_pipeline(MLPClassifier()), X, Y)
    with pytest.raises(InvalidParameter, match=r"call model\.compile"):
        gradient_flow(Sequential([Dense(2)]), X, Y)
    with pytest.raises(InvalidParameter, match="n_rows to be a whole number at least 1"):
        GradientFlow(X, Y, n_rows=0)


@pytest.mark.parametrize("rows", [(X[:, :2], Y), (X, Y + 5), (X[:0], Y[:0])], ids=["columns", "classes", "none"])
def test_other_rows_than_the_training_takes(rows):
    """Before anything is trained."""
    weights = Weights()
    for model in (MLPClassifier((4,), random_state=0), model_of(Dense(2, "softmax"))):
        with pytest.raises(DataError):
            fit(model, X, Y, weights, GradientFlow(*rows))
        assert len(weights.seen) == 1


def test_phases_of_a_fine_tuning_are_one_training():
    source = MLPClassifier((4,), max_iter=2, random_state=0).fit(X, Y)
    flow = gradient_flow(FineTuneClassifier(source, 1, frozen_epochs=2, epochs=3, random_state=0), X, Y)
    assert flow.layers == ["reused_dense", "dense"]
    reused, new = flow.gradient_norm.T
    np.testing.assert_array_equal(np.isfinite(reused), [False] * 3 + [True] * 3)  # frozen to the end of epoch 2
    assert np.isfinite(new).all()
