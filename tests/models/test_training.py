"""Training of models of the Keras door: the same numbers as Keras' own, endings, and errors before any work."""

import os

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import Callback
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Dense
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam
from tests.models.networks import BINARY, CLASSES, TARGETS, VALID, WEIGHTS, X, classifier

pytestmark = pytest.mark.usefixtures("seeded")


def stack(door, ending: str):
    """The same network through either door."""
    layers, regularizers = door.layers, door.regularizers
    if ending == "softmax":
        return [layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")]
    if ending == "sigmoid":
        return [layers.Dense(8, activation="tanh"), layers.Dense(1, activation="sigmoid")]
    if ending == "linear":
        l2 = regularizers.l2
        return [
            layers.Dense(8, activation="elu", kernel_regularizer=l2(0.01), bias_regularizer=l2(0.02)),
            layers.Dense(2, kernel_regularizer=l2(0.03)),
        ]
    return [
        layers.BatchNormalization(),
        layers.Dense(8, use_bias=False),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-4),
        layers.Activation("relu"),
        layers.Dense(3, activation="softmax"),
    ]


def compiled_as(door, ending: str):
    """Optimizer and loss of each case."""
    optimizers = door.optimizers
    sparse = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    return {
        "softmax": {"optimizer": optimizers.SGD(0.05, momentum=0.9, nesterov=True), **sparse},
        "sigmoid": {"optimizer": optimizers.Adam(0.01), "loss": "binary_crossentropy", "metrics": ["accuracy"]},
        "linear": {"optimizer": optimizers.RMSprop(0.01), "loss": "mse", "metrics": ["mae"]},
        "batch": {"optimizer": optimizers.SGD(0.05), **sparse},
    }[ending]


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.parametrize("ending", ["softmax", "sigmoid", "linear", "batch"])
def test_the_same_training_as_keras(ending):
    """Rows 2, 8, 31, 37, 48, 50, 51, 78, 88, 124, 125, 139: three epochs from the same weights, with a short batch.

    1e-4: float32 sums over 32 rows and 8 units in another order, through 15 steps. 2e-6 absolute: for weights near 0,
    whose own size says nothing about that of the sums.
    """
    os.environ.setdefault("KERAS_BACKEND", "jax")
    theirs = pytest.importorskip("keras")
    y = {"sigmoid": BINARY, "linear": TARGETS}.get(ending, CLASSES)
    y_valid = y[:41][::-1]
    settings = {"epochs": 3, "batch_size": 32, "shuffle": False, "verbose": 0, "validation_data": (VALID, y_valid)}
    if ending == "sigmoid":
        settings |= {"sample_weight": WEIGHTS, "class_weight": {0: 1.0, 1: 3.0}}
    model = keras.models.Sequential(stack(keras, ending))
    model.build((None, 4))
    peer = theirs.Sequential([theirs.Input((4,)), *stack(theirs, ending)])
    peer.set_weights(model.get_weights())
    model.compile(**compiled_as(keras, ending))
    peer.compile(**compiled_as(theirs, ending))
    history = model.fit(X, y, **settings).history
    if settings.pop("class_weight", None):  # Keras takes one kind of weight at a time
        settings["sample_weight"] = WEIGHTS * np.where(y == 1, 3.0, 1.0)
    expected = peer.fit(X, y, **settings).history
    assert set(expected) <= set(history)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)
    for ours, weights in zip(model.get_weights(), peer.get_weights(), strict=True):
        np.testing.assert_allclose(ours, weights, rtol=1e-4, atol=2e-6)
    np.testing.assert_allclose(model.predict(VALID), peer.predict(VALID, verbose=0), rtol=1e-4, atol=2e-6)
    assert set(model.evaluate(VALID, y_valid, return_dict=True)) == set(
        peer.evaluate(VALID, y_valid, return_dict=True, verbose=0)
    )


def test_validation_split_takes_the_tail():
    """Row 86: the last 30 %, before any shuffling; the rest is trained on."""
    a, b = classifier(), classifier()
    b.set_weights(a.get_weights())
    settings = {"epochs": 2, "shuffle": False, "verbose": 0}
    first = a.fit(X, CLASSES, validation_split=0.3, **settings).history
    second = b.fit(X[:105], CLASSES[:105], validation_data=(X[105:], CLASSES[105:]), **settings).history
    assert first == second


def test_validation_and_the_order_of_epochs():
    model = classifier()
    seen = []

    class Watch(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seen.append(epoch)

    h = model.fit(
        X, CLASSES, epochs=5, initial_epoch=2, validation_split=0.2, validation_freq=2, callbacks=[Watch()], verbose=0
    )
    assert seen == h.epoch == [2, 3, 4]
    assert len(h.history["loss"]) == 3
    assert len(h.history["val_loss"]) == 1
    assert model.history is h


def test_shuffling_follows_the_seed():
    def trained(seed, shuffle=True):
        keras.utils.set_random_seed(0)
        model = classifier(0.3)
        keras.utils.set_random_seed(seed)
        model.fit(X, CLASSES, epochs=2, shuffle=shuffle, verbose=0)
        return model.get_weights()[0]

    np.testing.assert_array_equal(trained(1), trained(1))
    assert not np.array_equal(trained(1), trained(2))


def test_an_interrupt_warns_and_returns():
    ended = []

    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

        def on_train_end(self, logs=None):
            ended.append(True)

    with pytest.warns(UserWarning, match="Training interrupted by user"):
        h = classifier().fit(X, CLASSES, epochs=10, callbacks=[Stop()], verbose=0)
    assert 1 <= len(h.history["loss"]) <= 2
    assert ended == [True]


@pytest.mark.parametrize("by_batches", [False, True])
def test_divergence_warns_and_keeps_finite_weights(by_batches):
    """Rows 44, 45, 46."""

    class Batches(Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    model = Sequential([Dense(8, "relu", input_shape=(4,)), Dense(2)])
    model.compile(SGD(learning_rate=1e6), "mse")
    with pytest.warns(RuntimeWarning, match="Try a smaller learning rate"):
        h = model.fit(X, TARGETS, epochs=50, callbacks=[Batches()] if by_batches else None, verbose=0)
    assert len(h.history["loss"]) < 50
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_the_running_average_is_what_remains():
    """Row 57: Keras' average, m a + (1 - m) w from the first step on, computed here from single steps."""
    model, plain = classifier(optimizer=SGD(0.1, use_ema=True, ema_momentum=0.9)), classifier()
    plain.set_weights(model.get_weights())
    model.fit(X, CLASSES, epochs=2, shuffle=False, verbose=0)
    average = plain.get_weights()
    for step in range(10):
        start = step % 5 * 32
        plain.train_on_batch(X[start : start + 32], CLASSES[start : start + 32])
        average = [w if step == 0 else 0.9 * a + 0.1 * w for a, w in zip(average, plain.get_weights())]
    for ours, weights in zip(model.get_weights(), average):
        np.testing.assert_allclose(ours, weights, rtol=1e-4, atol=1e-6)  # float32, ten steps


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_a_model_without_instructions(method):
    model = Sequential([Dense(3, input_shape=(4,))])
    with pytest.raises(InvalidParameter, match=r"call model\.compile"):
        getattr(model, method)(X, CLASSES)


@pytest.mark.parametrize(
    "extra",
    [
        {"batch_size": 0},
        {"validation_split": 1.5},
        {"batch_size": 2.5},
        {"epochs": 2.0},
        {"epochs": -1},
        {"initial_epoch": "1"},
        {"validation_data": X},
        {"class_weight": "balanced"},
        {"class_weight": {"yes": 2.0}},
        {"class_weight": {1: "much"}},
    ],
    ids=lambda extra: "-".join(map(str, extra)),
)
def test_numbers_that_cannot_be(extra):
    with pytest.raises(InvalidParameter, match=next(iter(extra))):
        classifier().fit(X, CLASSES, verbose=0, **extra)


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
def test_class_numbers_without_an_output(method):
    with pytest.raises(DataError, match="class numbers from 0 to 2"):
        getattr(classifier(), method)(X, CLASSES + 1)


def test_another_optimizer_forgets():
    """A second `fit` goes on with what Adam remembers; another `compile` starts afresh."""
    model = classifier(optimizer=Adam(0.01))
    model.fit(X, CLASSES, verbose=0)
    assert model.steps_done == 5
    model.fit(X, CLASSES, verbose=0)
    assert model.steps_done == 10
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    assert model.steps_done == 0
    assert model.optimizer_state is None
