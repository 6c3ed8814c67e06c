"""Models of the Keras door: the same numbers as Keras' own, no compilation twice, and errors before any work."""

import os

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import Callback, LearningRateScheduler
from lamina.errors import DataError, InvalidParameter
from lamina.layers import BatchNormalization, Dense, Dropout
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam

RNG = np.random.RandomState(0)
X = RNG.randn(150, 4).astype(np.float32)  # 150 rows: four batches of 32 and one of 22
CLASSES = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
BINARY = (X[:, 0] - X[:, 3] > 0).astype(int)
TARGETS = np.c_[X[:, 0] * X[:, 1], X[:, 2]]
VALID = RNG.randn(41, 4).astype(np.float32)
WEIGHTS = RNG.uniform(0.5, 2, 150)


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def classifier(rate=0.0, **compiled) -> Sequential:
    """Three classes; with a rate, dropout between the two dense layers."""
    hidden = [Dense(8, "relu", input_shape=(4,)), *([Dropout(rate)] if rate else [])]
    model = Sequential([*hidden, Dense(3, "softmax")])
    model.compile(
        **{"optimizer": SGD(0.1), "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]} | compiled
    )
    return model


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
    """Rows 2, 31, 37, 48, 50, 51, 78, 88, 124, 125: three epochs from the same weights, the last batch a short one.

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


# -- compilations ---------------------------------------------------------------------------------------------------


def test_numbers_compile_nothing(compiles):
    """Rows 71, 80: a rate, a dropout rate, epochs and rows within a bucket are data, not program."""
    with compiles() as first:
        classifier(0.2).fit(X, CLASSES, epochs=2, verbose=0)
    assert first.count > 0
    model = classifier(0.2)
    with compiles(at_most=0):
        model.fit(X, CLASSES, epochs=3, verbose=0)
        model.fit(X, CLASSES, epochs=1, verbose=0)
        model.optimizer.learning_rate = 0.03
        model.fit(X, CLASSES, verbose=0)
        classifier(0.4, optimizer=SGD(0.2)).fit(X, CLASSES, verbose=0)
        classifier(0.4).fit(X[:140], CLASSES[:140], epochs=2, verbose=0)


def test_a_user_schedule_compiles_nothing(compiles):
    """Row 71: whatever a callback does to the rate, and any function of the step."""
    classifier().fit(X, CLASSES, verbose=0)
    with compiles(at_most=0):
        rates = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        h = classifier().fit(X, CLASSES, epochs=3, callbacks=[rates], verbose=0)
        classifier(optimizer=SGD(lambda step: 0.1 / (step + 1))).fit(X, CLASSES, verbose=0)
    np.testing.assert_allclose(h.history["learning_rate"], [0.1, 0.05, 0.1 / 3], rtol=1e-6)  # float32


# -- batches and results --------------------------------------------------------------------------------------------


def test_train_on_batch_is_one_step_of_fit():
    a, b = classifier(), classifier()
    b.set_weights(a.get_weights())
    for start in range(0, 150, 32):
        a.train_on_batch(X[start : start + 32], CLASSES[start : start + 32])
    b.fit(X, CLASSES, shuffle=False, verbose=0)
    for ours, weights in zip(a.get_weights(), b.get_weights()):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-7)  # float32, batches padded otherwise


def test_results_of_evaluate_and_of_batches():
    """By hand from the predictions; 1e-5: float32."""
    model = classifier()
    p = model.predict(X)
    loss, accuracy = -np.log(p[np.arange(150), CLASSES]), p.argmax(axis=1) == CLASSES
    assert p.shape == (150, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(model.predict_on_batch(X), p)
    np.testing.assert_allclose(model(X), p, rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(X, CLASSES), [loss.mean(), accuracy.mean()], rtol=1e-5)
    weighted = model.evaluate(X, CLASSES, sample_weight=WEIGHTS, return_dict=True)
    # Keras: a sum of weighted losses over the number of rows, without a division by the weights
    np.testing.assert_allclose(weighted["loss"], (loss * WEIGHTS).mean(), rtol=1e-5)
    batch = model.test_on_batch(X, CLASSES, return_dict=True)
    np.testing.assert_allclose(list(batch.values()), [loss.mean(), accuracy.mean()], rtol=1e-5)
    trained = model.train_on_batch(X, CLASSES, return_dict=True)  # measured before the step
    assert list(trained) == ["loss", "accuracy"]
    np.testing.assert_allclose(trained["loss"], loss.mean(), rtol=1e-5)
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert isinstance(model.evaluate(X, CLASSES), float)


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


def test_hooks_for_batches_change_nothing():
    """The same weights with one dispatch per epoch and with one per batch; 1e-5: float32, padded otherwise."""

    class Batches(Callback):
        def __init__(self):
            super().__init__()
            self.seen, self.losses = [], []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(batch)
            self.losses.append(logs["loss"])

    a, b = classifier(), classifier()
    b.set_weights(a.get_weights())
    batches, settings = Batches(), {"epochs": 2, "shuffle": False, "verbose": 0}
    plain = a.fit(X, CLASSES, **settings).history
    heard = b.fit(X, CLASSES, callbacks=[batches], **settings).history
    assert batches.seen == [0, 1, 2, 3, 4] * 2
    for name, values in plain.items():
        np.testing.assert_allclose(heard[name], values, rtol=1e-5, err_msg=name)
    assert heard["loss"] == [batches.losses[4], batches.losses[9]]
    for ours, weights in zip(a.get_weights(), b.get_weights()):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-7)


# -- endings --------------------------------------------------------------------------------------------------------


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


def test_frozen_layers_stay_as_they_are():
    """Row 97: statistics of a frozen batch normalisation too, and a change needs no compile."""
    model = Sequential([BatchNormalization(input_shape=(4,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    model.fit(X + 1, CLASSES, verbose=0)
    for ours, weights in zip(model.layers[0].get_weights(), before):
        np.testing.assert_array_equal(ours, weights)
    model.layers[0].trainable = True
    model.fit(X + 1, CLASSES, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(model.layers[0].get_weights(), before))


# -- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_a_model_without_instructions(method):
    model = Sequential([Dense(3, input_shape=(4,))])
    with pytest.raises(InvalidParameter, match=r"call model\.compile"):
        getattr(model, method)(X, CLASSES)


@pytest.mark.parametrize(
    ("x", "y", "extra", "says"),
    [
        (X[:, :3], CLASSES, {}, r"takes rows of shape \(4,\).*shape \(3,\)"),
        (X[:, 0], CLASSES, {}, r"an axis of rows and one of columns.*a single column x\[:, None\]"),
        (X, None, {}, "targets are missing"),
        (iter([X]), CLASSES, {}, "takes arrays. Received an object of type list_iterator. Collect the batches"),
        (X, CLASSES[:10], {}, "150 rows but 10 targets"),
        (X, CLASSES, {"sample_weight": np.ones(3)}, "150 rows but 3 sample weights"),
        (X, CLASSES + 1, {}, "class numbers from 0 to 2 for 3 outputs.*from 1 to 3"),
        (X, CLASSES - 1, {}, "class numbers from 0 to 2"),
        (X, CLASSES + 0.5, {}, "class numbers from 0 to 2"),
        (X.astype(str), CLASSES, {}, "inputs must be numbers"),
        (X, CLASSES.astype(str), {}, "targets must be numbers"),
        (np.where(X > 2, np.nan, X), CLASSES, {}, "NaN"),
        (X, np.where(CLASSES > 1, np.nan, CLASSES), {}, "targets hold NaN"),
        (X, CLASSES, {"validation_split": 0.999}, "nothing to train or to validate on"),
        (X, CLASSES, {"validation_data": (X[:, :2], CLASSES)}, "takes rows of shape"),
    ],
)
def test_rows_that_cannot_be_trained_on(x, y, extra, says):
    """Nothing is trained before the error."""
    model = classifier()
    before = model.get_weights()
    with pytest.raises(DataError, match=says):
        model.fit(x, y, verbose=0, **extra)
    for ours, weights in zip(model.get_weights(), before):
        np.testing.assert_array_equal(ours, weights)


@pytest.mark.parametrize("extra", [{"batch_size": 0}, {"validation_split": 1.5}, {"batch_size": 2.5}])
def test_numbers_that_cannot_be(extra):
    with pytest.raises(InvalidParameter, match=next(iter(extra))):
        classifier().fit(X, CLASSES, verbose=0, **extra)


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


def test_a_dropout_rate_may_follow_the_step():
    """Row 74: a rate that rises from 0 to 1/2 at step 4 makes the first epoch exact and the next one noisy."""
    X = np.random.RandomState(0).normal(size=(64, 4))

    def losses(rate):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dropout(rate, input_shape=(4,)), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.01))
        return model.fit(X, X[:, 0], batch_size=16, epochs=2, verbose=0).history["loss"]

    rising, none = losses(lambda step: 0.0 if step < 4 else 0.5), losses(0.0)
    assert rising[0] == none[0]
    assert rising[1] != none[1]
