"""Programs as Keras' users write them, with nothing but the import changed."""

from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

import lamina as keras
from lamina.callbacks import EarlyStopping
from lamina.layers import Dense, InputLayer
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam
from lamina.regularizers import L2


@pytest.fixture(scope="module")
def iris():
    """Shuffled and standardised, with one-hot classes."""
    X, y = load_iris(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(X))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X[order], keras.utils.to_categorical(y[order])


@pytest.fixture(scope="module")
def images():
    X, y = load_digits(return_X_y=True)
    return X.reshape(-1, 8, 8)[:600] / 16, y[:600]


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(42)


def test_number_of_parameters():
    """Rows 2, 6: a net of 10, 20 and 3 units has 220 + 63 = 283 parameters."""
    model = Sequential(
        [InputLayer(input_shape=(10,)), Dense(units=20, activation="relu"), Dense(units=3, activation="softmax")]
    )
    lines = []
    model.summary(print_fn=lines.append)
    assert model.count_params() == 283
    for text in ("(None, 20)", "220", "(None, 3)", "63", "283"):
        assert text in lines[0]


def test_early_stopping_on_iris(iris):
    """Rows 84, 85, 88: training ends ten epochs after the best one, whose weights come back."""
    X, y = iris
    model = Sequential(
        [
            InputLayer(input_shape=(4,)),
            Dense(units=64, activation="relu"),
            Dense(units=64, activation="relu"),
            Dense(units=3, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    stop = EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
    h = model.fit(X, y, validation_split=0.3, epochs=200, batch_size=30, verbose=0, callbacks=[stop])
    best = int(np.argmin(h.history["val_loss"]))
    assert list(h.history) == ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert h.epoch == list(range(best + 11))
    loss, accuracy = model.evaluate(X[105:], y[105:], verbose=0)
    np.testing.assert_allclose(loss, h.history["val_loss"][best], rtol=1e-4)  # float32, the same weights
    np.testing.assert_allclose(accuracy, h.history["val_accuracy"][best], rtol=1e-6)


def test_penalised_layers(iris):
    """Row 78: the reported loss holds the penalties of the layers."""
    X, y = iris
    model = Sequential(
        [
            InputLayer(input_shape=(4,)),
            Dense(units=16, activation="relu", kernel_regularizer=L2(0.01)),
            Dense(units=3, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer=SGD(learning_rate=0.0), metrics=["accuracy"])
    h = model.fit(X, y, epochs=1, batch_size=30, verbose=0)
    p = model.predict(X, verbose=0)
    plain = -np.mean(np.log(p[np.arange(150), y.argmax(1)]))
    kernel = model.layers[0].get_weights()[0]
    np.testing.assert_allclose(h.history["loss"][0], plain + 0.01 * (kernel**2).sum(), rtol=1e-5)


def test_optimizer_objects(iris):
    """Row 51."""
    X, y = iris
    model = Sequential([Dense(20, activation="relu", input_shape=[4]), Dense(3, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer=Adam(learning_rate=0.01, beta_1=0.9, beta_2=0.9))
    losses = model.fit(X, y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_batch_normalisation_in_front_and_after(images):
    """Rows 31-34: on 784 inputs batch normalisation adds 3,136 parameters, half of them trainable."""
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(300, activation="elu", kernel_initializer="he_normal"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(100, activation="elu", kernel_initializer="he_normal"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    assert model.layers[1].count_params() == 3136
    assert sum(w.size for w in model.layers[1].trainable_weights) == 1568
    assert sum(w.size for w in model.trainable_weights) == 268_978
    assert sum(w.size for w in model.non_trainable_weights) == 2_368
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=[8, 8]),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(30, kernel_initializer="he_normal", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("elu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["accuracy"])
    X, y = images
    h = model.fit(X, y, epochs=20, validation_data=(X, y), verbose=0)
    assert h.history["val_accuracy"][-1] > 0.9


def test_leaky_relu_layer_with_its_old_spelling(images):
    """Rows 15, 16."""
    model = keras.models.Sequential([keras.layers.Flatten(input_shape=[8, 8])])
    model.add(keras.layers.Dense(10, kernel_initializer="he_normal"))
    model.add(keras.layers.LeakyReLU(alpha=0.2))
    model.add(keras.layers.PReLU())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(lr=0.1))
    losses = model.fit(*images, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_average_fan_initializer():
    """Row 26."""
    he_avg_init = keras.initializers.VarianceScaling(scale=2.0, mode="fan_avg", distribution="uniform")
    model = keras.models.Sequential([keras.layers.Dense(200, input_shape=(100,), kernel_initializer=he_avg_init)])
    kernel = model.get_weights()[0]
    bound = np.sqrt(3 * 2.0 / 150)
    assert np.abs(kernel).max() <= bound
    np.testing.assert_allclose(kernel.std(), bound / np.sqrt(3), rtol=0.02)  # 20,000 draws


def test_partial_layers(images):
    """Rows 75, 78: a preconfigured layer type."""
    RegularizedDense = partial(
        keras.layers.Dense,
        activation="elu",
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.l2(0.01),
    )
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=[8, 8]),
            RegularizedDense(30),
            RegularizedDense(10, activation="softmax", kernel_initializer="glorot_uniform"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(clipvalue=1.0))
    assert len(model.fit(*images, epochs=2, verbose=0).history["loss"]) == 2


def test_max_norm(images):
    """Row 82: no unit's weights are longer than 1 after training."""
    layer = keras.layers.Dense(10, activation="softmax", kernel_constraint=keras.constraints.max_norm(1.0))
    model = keras.models.Sequential([keras.layers.Flatten(input_shape=[8, 8]), layer])
    model.compile(
        loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=1.0, clipnorm=1.0)
    )
    model.fit(*images, epochs=3, verbose=0)
    assert np.linalg.norm(layer.get_weights()[0], axis=0).max() < 1.0001


def test_monte_carlo_dropout(images):
    """Rows 79, 105, 106: repeated predictions vary, and a subclass may keep dropout on."""

    class MCDropout(keras.layers.Dropout):
        def call(self, inputs):
            return super().call(inputs, training=True)

    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=[8, 8]),
            keras.layers.Dropout(rate=0.2),
            keras.layers.Dense(30, activation="elu", kernel_initializer="he_normal"),
            keras.layers.Dropout(rate=0.2),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    X, y = images
    model.fit(X, y, epochs=3, verbose=0)
    y_probas = np.stack([model(X[:5], training=True) for sample in range(20)])
    assert y_probas.std(axis=0).max() > 0.01
    np.testing.assert_array_equal(model.predict(X[:5], verbose=0), model.predict(X[:5], verbose=0))
    mc_model = keras.models.Sequential(
        [MCDropout(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer for layer in model.layers]
    )
    draws = np.stack([mc_model.predict(X[:5], verbose=0) for _ in range(20)])
    assert draws.std(axis=0).max() > 0.01


@pytest.mark.filterwarnings("ignore:The columns of the inputs")  # in [0, 1], as the program has them
def test_transfer_learning(images, tmp_path):
    """Rows 94, 96, 97: shared layers, a clone that shares nothing, frozen layers that obey without a new compile."""
    X, y = images
    model_A = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=[8, 8]),
            keras.layers.Dense(30, activation="selu", kernel_initializer="lecun_normal"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model_A.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
    model_A.fit(X, y, epochs=1, verbose=0)
    model_A.save(tmp_path / "my_model_A.h5")
    model_A = keras.models.load_model(tmp_path / "my_model_A.h5")
    model_A_clone = keras.models.clone_model(model_A)
    model_A_clone.set_weights(model_A.get_weights())

    model_B_on_A = keras.models.Sequential(model_A.layers[:-1])
    model_B_on_A.add(keras.layers.Dense(1, activation="sigmoid"))
    for layer in model_B_on_A.layers[:-1]:
        layer.trainable = False
    model_B_on_A.compile(loss="binary_crossentropy", optimizer="sgd", metrics=["accuracy"])
    before = model_A.get_weights()[0].copy()
    model_B_on_A.fit(X, y > 4, epochs=1, verbose=0)
    np.testing.assert_array_equal(model_A.get_weights()[0], before)

    for layer in model_B_on_A.layers[:-1]:
        layer.trainable = True  # without another compile
    model_B_on_A.fit(X, y > 4, epochs=1, verbose=0)
    assert not np.array_equal(model_A.get_weights()[0], before)
    np.testing.assert_array_equal(model_A_clone.get_weights()[0], before)


def test_exponential_schedules(images):
    """Rows 61, 62, 64, 71, 73."""
    X, y = images

    def exponential_decay_fn(epoch):
        return 0.01 * 0.1 ** (epoch / 20)

    model = keras.models.Sequential(
        [keras.layers.Flatten(input_shape=[8, 8]), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam")
    lr_scheduler = keras.callbacks.LearningRateScheduler(exponential_decay_fn)
    history = model.fit(X, y, epochs=3, callbacks=[lr_scheduler], verbose=0)
    np.testing.assert_allclose(history.history["learning_rate"], [0.01 * 0.1 ** (e / 20) for e in range(3)], rtol=1e-6)

    learning_rate = keras.optimizers.schedules.ExponentialDecay(0.01, 38, 0.1)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=learning_rate))
    model.fit(X, y, epochs=2, verbose=0)
    model.compile(
        loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.01, decay=1e-4)
    )
    model.fit(X, y, epochs=2, verbose=0)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.01))
    plateau = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=10.0, monitor="loss")
    model.fit(X, y, epochs=4, callbacks=[plateau], verbose=0)
    assert model.optimizer.learning_rate == pytest.approx(0.00125)  # never better by 10: halved three times


def test_one_cycle_callback(images):
    """Rows 65, 140: a hand-written callback that sets the rate of every batch."""

    class OneCycleScheduler(keras.callbacks.Callback):
        def __init__(self, iterations, max_rate):
            super().__init__()
            self.iterations, self.max_rate, self.iteration, self.rates = iterations, max_rate, 0, []

        def on_batch_begin(self, batch, logs=None):
            half = self.iterations / 2
            rise = self.iteration / half if self.iteration < half else 2 - self.iteration / half
            self.iteration += 1
            self.model.optimizer.learning_rate = self.max_rate * (0.1 + 0.9 * rise)

        def on_batch_end(self, batch, logs=None):
            self.rates.append(float(self.model.optimizer.learning_rate))
            assert logs["loss"] > 0

    X, y = images
    model = keras.models.Sequential(
        [keras.layers.Flatten(input_shape=[8, 8]), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=1e-3))
    onecycle = OneCycleScheduler(2 * 6, max_rate=0.5)
    h = model.fit(X, y, epochs=2, batch_size=100, callbacks=[onecycle], verbose=0)
    assert len(onecycle.rates) == 12
    assert max(onecycle.rates) == pytest.approx(0.5)
    assert h.history["loss"][1] < h.history["loss"][0]


def test_learning_rate_finder_of_older_programs(images):
    """Rows 71, 140: rates that grow with every batch, through ``keras.backend``; the first weights come back."""
    K = keras.backend

    class ExponentialLearningRate(keras.callbacks.Callback):
        def __init__(self, factor):
            self.factor, self.rates, self.losses = factor, [], []

        def on_batch_end(self, batch, logs):
            self.rates.append(K.get_value(self.model.optimizer.lr))
            self.losses.append(logs["loss"])
            K.set_value(self.model.optimizer.lr, self.model.optimizer.lr * self.factor)

        def on_epoch_end(self, epoch, logs=None):
            logs["lr"] = K.get_value(self.model.optimizer.lr)

    X, y = images
    K.clear_session()
    model = keras.models.Sequential(
        [keras.layers.Flatten(input_shape=[8, 8]), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(lr=1e-3))
    first_weights, first_rate = model.get_weights(), K.get_value(model.optimizer.lr)
    K.set_value(model.optimizer.lr, 1e-4)
    finder = ExponentialLearningRate(np.exp(np.log(1 / 1e-4) / 12))
    history = model.fit(X, y, epochs=2, batch_size=100, callbacks=[finder], verbose=0)
    K.set_value(model.optimizer.lr, first_rate)
    model.set_weights(first_weights)
    np.testing.assert_allclose(finder.rates, np.geomspace(1e-4, 1, 13)[:-1], rtol=1e-6)  # float32
    assert history.history["lr"][-1] == pytest.approx(1)
    assert min(finder.losses) < finder.losses[0]
    assert model.optimizer.learning_rate == pytest.approx(1e-3)


def test_a_rate_that_is_a_function_without_arguments(images):
    """Rows 71, 73: asked before every epoch."""
    rate = 0.1
    model = keras.models.Sequential(
        [keras.layers.Flatten(input_shape=[8, 8]), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(lambda: rate))

    class Halve(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            nonlocal rate
            rate /= 2

    history = model.fit(*images, epochs=3, callbacks=[Halve()], verbose=0)
    assert history.history["learning_rate"] == [0.1, 0.05, 0.025]
