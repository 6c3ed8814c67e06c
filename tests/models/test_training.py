"""Models of the Keras door: the same numbers as Keras' own, no compilation twice, and errors before any work."""

import os
import warnings

import numpy as np
import optax
import pytest
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from lamina import MLPClassifier
from lamina.callbacks import Callback, LearningRateScheduler
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Activation, BatchNormalization, Dense, Dropout, GaussianNoise, Softmax
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam, Optax

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


# -- compilations ---------------------------------------------------------------------------------------------------


def test_the_numbers_of_a_loss_compile_nothing(compiles):
    """Rows 91, 138: also where the loss has taken in the activation; and the values are used."""
    losses = keras.losses.BinaryCrossentropy(label_smoothing=0.1), keras.losses.BinaryCrossentropy(label_smoothing=0.4)
    model = Sequential([Dense(1, "sigmoid", input_shape=(4,))])
    model.compile(loss=losses[0], optimizer="sgd")
    model.fit(X, BINARY, verbose=0, validation_data=(VALID, BINARY[:41]))
    with compiles(at_most=0):
        model.compile(loss=losses[1], optimizer="sgd")
        history = model.fit(X, BINARY, verbose=0, validation_data=(VALID, BINARY[:41])).history
    expected = float(losses[1](BINARY[:41], model.predict(VALID)))  # 1e-6: float32
    np.testing.assert_allclose(history["val_loss"][-1], expected, rtol=1e-6)


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
    """Row 139: by hand from the predictions; 1e-5: float32."""
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
    """Row 140: the same orders, noise and weights with one dispatch per epoch and per batch; 1e-5: float32."""

    class Batches(Callback):
        def __init__(self):
            super().__init__()
            self.seen, self.losses = [], []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(batch)
            self.losses.append(logs["loss"])

    a, b = classifier(0.3), classifier(0.3)
    b.set_weights(a.get_weights())
    batches, settings = Batches(), {"epochs": 2, "validation_data": (VALID, CLASSES[:41]), "verbose": 0}
    keras.utils.set_random_seed(1)
    plain = a.fit(X, CLASSES, **settings).history
    keras.utils.set_random_seed(1)
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


def by_hand(weights, rates, batches):
    """Softmax regression after a linear layer, trained by plain SGD in NumPy: kernels and biases at their own rates."""
    (w0, b0, w1, b1) = (array.astype(np.float64) for array in weights)
    for x, onehot in batches:
        hidden = x @ w0 + b0
        z = hidden @ w1 + b1
        e = np.exp(z - z.max(axis=1, keepdims=True))
        dz = (e / e.sum(axis=1, keepdims=True) - onehot) / len(x)
        dh = dz @ w1.T
        w1, b1 = w1 - rates[1] * hidden.T @ dz, b1 - rates[1] * dz.sum(axis=0)
        w0, b0 = w0 - rates[0] * x.T @ dh, b0 - rates[0] * dh.sum(axis=0)
    return [w0, b0, w1, b1]


def two_layers(factors=(None, None), optimizer=None):
    """Linear and softmax, with a factor on each layer's rate."""
    model = Sequential(
        [
            Dense(5, input_shape=(4,), learning_rate_multiplier=factors[0]),
            Dense(3, "softmax", learning_rate_multiplier=factors[1]),
        ]
    )
    model.compile(optimizer or SGD(0.2), "categorical_crossentropy")
    return model


@pytest.mark.parametrize("factors", [(0.1, None), (None, 3.0), (0.0, 0.5)])
def test_each_layer_at_its_own_rate(factors):
    """Row 58: SGD by hand in NumPy, two epochs; 1e-5: float32."""
    model = two_layers(factors)
    rates = [0.2 * (1.0 if factor is None else factor) for factor in factors]
    onehot = np.eye(3)[CLASSES]
    batches = [(X[k : k + 32], onehot[k : k + 32]) for k in range(0, 150, 32)] * 2
    expected = by_hand(model.get_weights(), rates, batches)
    model.fit(X, onehot, epochs=2, shuffle=False, verbose=0)
    for ours, weights in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-6)


def test_multipliers_may_change_and_are_kept(compiles, tmp_path):
    """Row 58: they compile nothing, follow the step if told to, and survive cloning and saving."""
    onehot = np.eye(3)[CLASSES]
    model = two_layers((0.1, None), Adam(0.01))
    model.fit(X, onehot, verbose=0)
    with compiles(at_most=0):
        model.layers[0].learning_rate_multiplier = 0.0
        before = model.layers[0].get_weights()[0]
        model.fit(X, onehot, verbose=0)
        np.testing.assert_array_equal(model.layers[0].get_weights()[0], before)
        model.layers[0].learning_rate_multiplier = lambda step: float(step >= 12)  # none for two more steps
        model.fit(X, onehot, epochs=1, verbose=0)
    assert not np.array_equal(model.layers[0].get_weights()[0], before)
    model.layers[0].learning_rate_multiplier = 0.25
    model.save(tmp_path / "model.lamina")
    for copy in (keras.models.clone_model(model), keras.models.load_model(tmp_path / "model.lamina")):
        assert [layer.learning_rate_multiplier for layer in copy.layers] == [0.25, None]


@pytest.mark.parametrize("door", ["model", "estimator"])
def test_gradients_accumulated_over_batches_make_one_step(door):
    """Row 59: three batches of 25 rows, twice, are two batches of 75; 1e-5: float32 sums in another order."""
    theirs = optax.sgd(0.1, momentum=0.9)
    small, large = (Optax(optax.MultiSteps(theirs, 3)), 25), (Optax(theirs), 75)

    def trained(optimizer, batch_size):
        if door == "model":
            model = two_layers(optimizer=optimizer)
            model.set_weights(start)
            model.fit(X, np.eye(3)[CLASSES], batch_size=batch_size, epochs=2, shuffle=False, verbose=0)
            return model.get_weights()
        settings = {"solver": optimizer, "batch_size": batch_size, "alpha": 0.0, "shuffle": False, "random_state": 0}
        return MLPClassifier((5,), **settings, max_iter=2, n_iter_no_change=9).fit(X, CLASSES).coefs_

    start = two_layers().get_weights()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        results = [trained(*small), trained(*large), trained(*small)]
    for one, other, again in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(one, again)


def test_mixup_by_hand():
    """Row 92: batches of mixed rows and soft labels, each step by hand in NumPy; 1e-5: float32."""
    rng, model = np.random.RandomState(1), two_layers()
    onehot, batches, first = np.eye(3)[CLASSES], [], model.get_weights()
    for start in range(0, 120, 30):
        rows, others = np.arange(start, start + 30), rng.permutation(150)[:30]
        share = rng.beta(0.4, 0.4, size=(30, 1))
        x, y = (share * a[rows] + (1 - share) * a[others] for a in (X, onehot))
        p = model.predict(x)
        loss = model.train_on_batch(x, y)
        np.testing.assert_allclose(loss, -(y * np.log(p)).sum(axis=1).mean(), rtol=1e-5)
        batches.append((x, y))
    for ours, weights in zip(model.get_weights(), by_hand(first, (0.2, 0.2), batches), strict=True):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-6)


def test_noise_on_the_inputs_is_a_penalty_on_the_weights():
    """Row 92: a linear unit loses |w|² stddev² more on average with noisy inputs (Bishop, 1995), and predicts without.

    40,000 rows: the mean of the squared noise is good to sqrt(2 / 40,000) = 0.7 %; five times that.
    """
    x = RNG.randn(40_000, 4).astype(np.float32)
    model = Sequential([GaussianNoise(0.5, input_shape=(4,)), Dense(1, use_bias=False)])
    model.compile(SGD(0.0), "mse")
    model.set_weights([np.array([[1.0], [2.0], [-1.0], [0.5]])])
    noisy = model.fit(x, x @ [1.0, 2.0, -1.0, 0.5], verbose=0).history["loss"][0]
    np.testing.assert_allclose(noisy, 6.25 * 0.25, rtol=0.035)
    assert model.evaluate(x, x @ [1.0, 2.0, -1.0, 0.5]) < 1e-9


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
        (
            X,
            CLASSES + 1,
            {},
            "SparseCategoricalCrossentropy expects class numbers from 0 to 2 for 3 outputs.*from 1 to 3",
        ),
        (X, CLASSES - 1, {}, "class numbers from 0 to 2"),
        (X, CLASSES + 0.5, {}, "class numbers from 0 to 2"),
        (X.astype(str), CLASSES, {}, "inputs must be numbers"),
        (X, CLASSES.astype(str), {}, "targets must be numbers"),
        (np.where(X > 2, np.nan, X), CLASSES, {}, "NaN"),
        (X, np.where(CLASSES > 1, np.nan, CLASSES), {}, "targets hold NaN"),
        (X, CLASSES, {"validation_split": 0.999}, "nothing to train or to validate on"),
        (X, CLASSES, {"validation_data": (X[:, :2], CLASSES)}, "takes rows of shape"),
        (X, CLASSES, {"validation_data": (X, CLASSES + 1)}, "class numbers from 0 to 2"),
        (X, CLASSES, {"validation_data": (X, CLASSES, None, None)}, r"\(x, y, sample_weight\). Received 4 parts"),
        (X, np.eye(3)[CLASSES], {}, "one class number per row.*categorical_crossentropy"),
        (X, CLASSES, {"sample_weight": np.full(150, np.nan)}, "sample weights hold NaN"),
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


def test_a_weight_decay_may_follow_the_step():
    """Row 74: a decay that ends after the first epoch's five steps, against two trainings with constant ones."""

    def weights(decay, epochs):
        keras.utils.set_random_seed(0)
        model = classifier(optimizer=SGD(0.1, weight_decay=decay))
        model.fit(X, CLASSES, epochs=epochs, shuffle=False, verbose=0)
        return model

    first = weights(0.5, 1)
    first.compile(SGD(0.1), "sparse_categorical_crossentropy")
    first.fit(X, CLASSES, shuffle=False, verbose=0)
    ending = weights(lambda step: 0.5 if step < 5 else 0.0, 2)
    for ours, expected in zip(ending.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)  # float32


# -- shapes of networks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "by_hand"),
    [
        ("relu", lambda z: np.maximum(z, 0)),
        ("softplus", lambda z: np.log1p(np.exp(z))),
    ],
)
def test_any_output_activation(activation, by_hand):
    """Row 4: for targets that are never negative, which are learned."""
    model = Sequential([Dense(8, "tanh", input_shape=(4,)), Dense(1, activation)])
    kernel, bias, top, shift = model.get_weights()
    expected = by_hand(np.tanh(X @ kernel + bias) @ top + shift)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5, atol=1e-6)  # float32
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, np.tanh(np.abs(X[:, 0])), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("last", [Activation("softmax"), Softmax()], ids=lambda last: type(last).__name__)
def test_the_last_activation_may_be_a_layer(last):
    """It trains as that of the layer before it does."""
    kernel = np.random.RandomState(0).normal(size=(4, 3)).astype(np.float32)
    trained = []
    for layers in ([Dense(3, "softmax")], [Dense(3), last]):
        model = Sequential([keras.Input((4,)), *layers])
        model.set_weights([kernel, np.zeros(3, np.float32)])
        model.compile(SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
        losses = model.fit(X, CLASSES, epochs=3, shuffle=False, validation_data=(X, CLASSES), verbose=0).history
        trained.append((losses, model.predict(X)))
    assert trained[0][0] == trained[1][0]
    np.testing.assert_array_equal(trained[0][1], trained[1][1])


def test_a_linear_perceptron_without_bias_by_hand():
    """Row 12: gradient descent on one feature contracts the error of the weight by ``1 - 2 rate mean(x²)`` a step."""
    x, rate = X[:, :1], 0.1
    target = float((x.T @ TARGETS[:, 1:])[0, 0] / (x.T @ x)[0, 0])  # least squares
    model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
    assert model.count_params() == 1
    start = model.get_weights()[0].item()
    model.compile(SGD(rate), "mse")
    model.fit(x, TARGETS[:, 1], batch_size=len(x), epochs=10, verbose=0)
    expected = target + (start - target) * (1 - 2 * rate * np.mean(x**2)) ** 10
    np.testing.assert_allclose(model.get_weights()[0].item(), expected, rtol=1e-4)  # float32


def test_wide_and_deep():
    """Row 10: a block whose input skips its deep part, so that the outputs are a linear part and a deep one."""
    deep = keras.layers.Residual([Dense(16, "relu"), Dense(4)])
    model = Sequential([deep, Dense(1)])
    model.build((None, 4))
    first, a, second, b, wide, c = model.get_weights()
    expected = X @ wide + (np.maximum(X @ first + a, 0) @ second + b) @ wide + c
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4, atol=1e-5)  # float32
    y = X @ np.array([1.0, -2.0, 0.5, 3.0]) + np.abs(X[:, 0])
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, y, epochs=60, verbose=0).history["loss"]
    linear = np.linalg.lstsq(np.c_[X, np.ones(150)], y, rcond=None)[1][0] / 150
    assert losses[-1] < 0.5 * linear


@pytest.mark.parametrize(
    ("constraint", "kept"),
    [
        ("non_neg", lambda kernel: (kernel >= 0).all()),
        ("unit_norm", lambda kernel: np.allclose(np.linalg.norm(kernel, axis=0), 1, rtol=1e-5)),
    ],
)
def test_constraints_hold_after_training(constraint, kept):
    """Row 83."""
    model = Sequential([Dense(6, "tanh", kernel_constraint=constraint, input_shape=(4,)), Dense(3, "softmax")])
    assert not kept(model.get_weights()[0])
    model.compile(Adam(0.02), "sparse_categorical_crossentropy")
    losses = model.fit(X, CLASSES, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert kept(model.get_weights()[0])
