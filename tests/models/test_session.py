"""How the steps of a model of the Keras door go: traced values, rates of layers, and single steps by hand."""

import warnings

import numpy as np
import optax
import pytest
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from lamina import MLPClassifier
from lamina.callbacks import Callback, LearningRateScheduler
from lamina.layers import BatchNormalization, Dense
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam, Optax
from tests.models.networks import BINARY, CLASSES, VALID, X, by_hand, classifier, two_layers

pytestmark = pytest.mark.usefixtures("seeded")


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
    with compiles() as first:  # no other test has seven units
        classifier(0.2, units=7).fit(X, CLASSES, epochs=2, verbose=0)
    assert first.count > 0
    model = classifier(0.2, units=7)
    with compiles(at_most=0):
        model.fit(X, CLASSES, epochs=3, verbose=0)
        model.fit(X, CLASSES, epochs=1, verbose=0)
        model.optimizer.learning_rate = 0.03
        model.fit(X, CLASSES, verbose=0)
        classifier(0.4, units=7, optimizer=SGD(0.2)).fit(X, CLASSES, verbose=0)
        classifier(0.4, units=7).fit(X[:140], CLASSES[:140], epochs=2, verbose=0)


def test_a_user_schedule_compiles_nothing(compiles):
    """Row 71: whatever a callback does to the rate, and any function of the step."""
    classifier().fit(X, CLASSES, verbose=0)
    with compiles(at_most=0):
        rates = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        h = classifier().fit(X, CLASSES, epochs=3, callbacks=[rates], verbose=0)
        classifier(optimizer=SGD(lambda step: 0.1 / (step + 1))).fit(X, CLASSES, verbose=0)
    np.testing.assert_allclose(h.history["learning_rate"], [0.1, 0.05, 0.1 / 3], rtol=1e-6)  # float32


def test_train_on_batch_is_one_step_of_fit():
    a, b = classifier(), classifier()
    b.set_weights(a.get_weights())
    for start in range(0, 150, 32):
        a.train_on_batch(X[start : start + 32], CLASSES[start : start + 32])
    b.fit(X, CLASSES, shuffle=False, verbose=0)
    for ours, weights in zip(a.get_weights(), b.get_weights()):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-7)  # float32, batches padded otherwise


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


def test_a_frozen_batch_normalisation_infers():
    """Row 97: the layer above learns from moving averages, not from the batch: one SGD step in NumPy; 1e-5: float32."""
    model = Sequential([BatchNormalization(input_shape=(4,)), Dense(1)])
    model.layers[0].set_weights([np.full(4, value) for value in (2.0, 0.5, 1.0, 3.0)])  # gamma, beta, mean, variance
    model.layers[0].trainable = False
    model.compile(SGD(0.1), "mse")
    kernel, bias = model.layers[1].get_weights()
    features, target = 2 * (X - 1) / np.sqrt(3 + 1e-3) + 0.5, X[:, :1]
    slope = 2 * (features @ kernel + bias - target) / len(X)
    model.fit(X, target, batch_size=len(X), verbose=0)
    np.testing.assert_allclose(model.layers[1].get_weights()[0], kernel - 0.1 * features.T @ slope, rtol=1e-5)


@pytest.mark.parametrize("thawed", [False, True])
def test_the_optimizer_starts_anew_where_other_layers_train(thawed):
    """Rows 97, 100: unfreezing forgets the momentum of all layers; without it, two fits are one training."""
    model = two_layers(optimizer=SGD(0.1, momentum=0.9))
    model.layers[0].trainable = False
    onehot = np.eye(3)[CLASSES]
    model.fit(X, onehot, shuffle=False, verbose=0)
    model.layers[0].trainable = thawed
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    fresh.compile(SGD(0.1, momentum=0.9), model.loss)
    for each in (model, fresh):
        each.fit(X, onehot, shuffle=False, verbose=0)
    alike = [np.allclose(a, b, rtol=1e-6) for a, b in zip(model.get_weights()[2:], fresh.get_weights()[2:])]
    assert alike == [thawed, thawed]


def test_layers_thaw_from_the_top():
    """Row 97: a loop of fits; each leaves the layers below as they are."""
    model = Sequential([Dense(4, "tanh", input_shape=(4,)), Dense(4, "tanh"), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.trainable = False
    for thawed in (1, 2, 3):
        model.layers[-thawed].trainable = True
        before = model.get_weights()
        model.fit(X, CLASSES, verbose=0)
        moved = [not np.array_equal(a, b) for a, b in zip(model.get_weights(), before)]
        assert moved == [False] * (6 - 2 * thawed) + [True] * (2 * thawed)


def test_reused_layers_at_a_lower_rate():
    """Rows 58, 99: set on layers that another model has trained, between two fits; SGD by hand; 1e-5: float32."""
    onehot = np.eye(3)[CLASSES]
    source = two_layers()
    source.fit(X, onehot, verbose=0)
    model = Sequential([*source.layers[:-1], Dense(3, "softmax")])
    model.compile(SGD(0.2), "categorical_crossentropy")
    model.fit(X, onehot, shuffle=False, verbose=0)
    model.layers[0].learning_rate_multiplier = 0.1
    expected = by_hand(
        model.get_weights(), [0.02, 0.2], [(X[k : k + 32], onehot[k : k + 32]) for k in range(0, 150, 32)]
    )
    model.fit(X, onehot, shuffle=False, verbose=0)
    for ours, weights in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(ours, weights, rtol=1e-5, atol=1e-6)


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
