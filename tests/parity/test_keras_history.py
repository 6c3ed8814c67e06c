"""What a training tells, against Keras: names in the history, the order of `evaluate`, and the logs of every hook."""

import os

import numpy as np
import pytest

import lamina

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Keras

RNG = np.random.RandomState(0)
X = RNG.randn(75, 4).astype(np.float32)  # two batches of 32 and one of 11
WEIGHTS = RNG.uniform(0.5, 2, 75)
CLASSES = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
TARGETS = {
    "softmax": CLASSES,
    "one-hot": np.eye(3, dtype=np.float32)[CLASSES],
    "sigmoid": (X[:, 0] > X[:, 3]).astype(np.float32),
    "linear": np.c_[X[:, 0] * X[:, 1], X[:, 2]],
}
LOSSES = {
    "softmax": "sparse_categorical_crossentropy",
    "one-hot": "categorical_crossentropy",
    "sigmoid": "binary_crossentropy",
    "linear": "mse",
}


def stack(door, ending, **compiled):
    """A small model of either door; rate 0.1, so that batches differ."""
    units, activation = {"softmax": (3, "softmax"), "sigmoid": (1, "sigmoid"), "linear": (2, None)}.get(
        ending, (3, "softmax")
    )
    layers = [door.layers.Dense(5, activation="tanh"), door.layers.Dense(units, activation=activation)]
    model = door.Sequential([door.Input((4,)), *layers])
    model.compile(optimizer=door.optimizers.SGD(0.1), loss=LOSSES[ending], **compiled)
    return model


def pair(ending, compiled):
    ours, theirs = stack(lamina, ending, **compiled(lamina)), stack(keras, ending, **compiled(keras))
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def distance(y_true, y_pred):
    return abs(y_true - y_pred)


# the model, what is given to compile, and whether no two metrics have one name
COMPILED = [
    ("softmax", lambda door: {"metrics": ["accuracy", "acc", "sparse_categorical_accuracy"]}, True),
    ("one-hot", lambda door: {"metrics": ["accuracy", "Recall", door.metrics.TopKCategoricalAccuracy(k=2)]}, True),
    ("sigmoid", lambda door: {"metrics": ["accuracy", "AUC", door.metrics.Precision(name="sure")]}, True),
    ("sigmoid", lambda door: {"metrics": ["accuracy"], "weighted_metrics": ["accuracy", "mse"]}, False),
    ("sigmoid", lambda door: {"weighted_metrics": ["accuracy", door.metrics.Recall(name="found")]}, True),
    ("linear", lambda door: {"metrics": ["mse", "mse", "MAE", "mse"]}, False),
    ("linear", lambda door: {"metrics": ["mse"], "weighted_metrics": ["mse", "mse"]}, False),
    ("linear", lambda door: {"metrics": [door.metrics.MeanAbsoluteError(name=n) for n in "aa"] + ["mse"]}, False),
    ("linear", lambda door: {"metrics": [["mae"], "RootMeanSquaredError", distance]}, True),
    ("linear", lambda door: {"metrics": {"output": ["mae", "mse"]}}, True),
    ("linear", lambda door: {}, True),
]


@pytest.mark.parametrize(("ending", "compiled", "distinct"), COMPILED)
def test_names_and_numbers(ending, compiled, distinct):
    """Rows 2, 139: a history, an evaluation as a list and as a dictionary, with weights of rows. 1e-4: float32."""
    ours, theirs = pair(ending, compiled)
    y = TARGETS[ending]
    settings = {"epochs": 2, "shuffle": False, "verbose": 0, "sample_weight": WEIGHTS, "validation_data": (X, y)}
    history, expected = (model.fit(X, y, **settings).history for model in (ours, theirs))
    assert set(history) - {"learning_rate"} == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)
    measured = theirs.evaluate(X, y, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    told = ours.evaluate(X, y, sample_weight=WEIGHTS, return_dict=True)
    assert set(told) == set(measured)
    assert list(told) == ours.metrics_names
    for name, value in measured.items():
        np.testing.assert_allclose(told[name], value, rtol=1e-4, err_msg=name)
    assert {name: float(value) for name, value in theirs.get_metrics_result().items()}.keys() == told.keys()
    assert ours.get_metrics_result() == told
    in_order = ours.evaluate(X, y, sample_weight=WEIGHTS)
    np.testing.assert_array_equal(in_order, list(told.values()) if len(told) > 1 else told["loss"])
    if distinct:  # of two metrics with one name, Keras' list repeats the first
        np.testing.assert_allclose(in_order, theirs.evaluate(X, y, sample_weight=WEIGHTS, verbose=0), rtol=1e-4)


def recorder(door):
    """A callback of either door that writes down every event and its logs."""
    events = []

    def hook(name):
        if name.endswith(("epoch_begin", "epoch_end", "batch_begin", "batch_end")):
            return lambda self, number, logs=None: events.append((name, number, dict(logs)))
        return lambda self, logs=None: events.append((name, dict(logs)))

    batches = [f"on_{kind}_batch_{moment}" for kind in ("train", "test", "predict") for moment in ("begin", "end")]
    wholes = [f"on_{kind}_{moment}" for kind in ("train", "test", "predict", "epoch") for moment in ("begin", "end")]
    recording = type("Recorder", (door.callbacks.Callback,), {name: hook(name) for name in (*batches, *wholes)})
    return recording(), events


def test_every_hook_hears_the_same():
    """Row 140: two epochs with validation, an evaluation, a prediction; AUC is a score of all rows, not a mean.

    1e-4: float32, batches padded otherwise. The learning rate is told besides.
    """
    models = pair("sigmoid", lambda door: {"metrics": ["AUC", "accuracy"]})
    y, heard = TARGETS["sigmoid"], []
    for door, model in zip((lamina, keras), models):
        callback, events = recorder(door)
        settings = {"callbacks": [callback], "verbose": 0, "batch_size": 32}
        model.fit(X, y, epochs=2, shuffle=False, validation_data=(X[:40], y[:40]), **settings)
        assert callback.params["epochs"] == 2
        assert callback.params["steps"] == 3
        model.evaluate(X, y, **settings)
        model.predict(X, **settings)
        heard.append(events)
    assert [event[:-1] for event in heard[0]] == [event[:-1] for event in heard[1]]
    for (*event, logs), (*_, expected) in zip(*heard):
        logs.pop("learning_rate", None)
        assert logs.keys() == expected.keys(), event
        for name, value in expected.items():
            np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=str((event, name)))


def test_hooks_of_evaluation_change_no_number():
    """The same loss and scores in one piece and batch by batch, penalties included. 1e-5: float32."""
    model = stack(lamina, "linear", metrics=["mae", "r2_score", "rmse"])
    penalised = lamina.layers.Dense(2, kernel_regularizer="l2")
    model = lamina.Sequential([*model.layers, penalised])
    model.compile("sgd", "mse", metrics=["mae", "r2_score", "rmse"])
    callback, events = recorder(lamina)
    whole = model.evaluate(X, TARGETS["linear"], sample_weight=WEIGHTS)
    in_batches = model.evaluate(X, TARGETS["linear"], 16, sample_weight=WEIGHTS, callbacks=callback)
    np.testing.assert_allclose(in_batches, whole, rtol=1e-5)
    assert [event[0] for event in events].count("on_test_batch_end") == 5
