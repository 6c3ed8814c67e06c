"""What programs for Keras ask of a model besides training: the same answers, or a sentence that says what to do."""

import os
import re

import numpy as np
import pytest

import lamina
from lamina.errors import DataError, InvalidParameter, UnknownName

os.environ.setdefault("KERAS_BACKEND", "jax")
X = np.random.RandomState(0).randn(40, 4).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


def net(door, **compiled):
    hidden = door.layers.Dense(5, activation="relu", name="hidden")
    model = door.Sequential([door.Input(shape=(4,)), hidden, door.layers.Dense(1, name="out")], name="net")
    model.compile(loss="mse", optimizer="sgd", **compiled)
    return model


def popped(door):
    model = net(door)
    model.pop()
    model.add(door.layers.Dense(3))
    return [layer.units for layer in model.layers], model.output_shape


def configured(door):
    model = door.Sequential.from_config(net(door).get_config())
    return [layer.name for layer in model.layers], model.count_params(), model.name


def from_json(door):
    model = door.models.model_from_json(net(door).to_json(indent=2))
    return [layer.units for layer in model.layers], model.count_params()


def with_iterations(door):
    model = net(door)
    model.fit(X, Y, epochs=2, verbose=0)
    return int(model.optimizer.iterations)


def assigned(door):
    model = net(door)
    model.optimizer.learning_rate.assign(0.5)
    return float(model.optimizer.learning_rate), float(model.optimizer.learning_rate.numpy())


def validated(door):
    model = net(door)
    history = model.fit(
        X, Y, epochs=4, validation_data=(X, Y), validation_freq=[1, 4], validation_batch_size=8, verbose=0
    )
    return len(history.history["loss"]), len(history.history["val_loss"])


def stopped(door):
    model = net(door)
    stop = door.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 1))
    return len(model.fit(X, Y, epochs=9, callbacks=stop, verbose=0).epoch)


USAGES = {
    "an Input with a name and a dtype": lambda door: (
        door.Sequential([door.Input(shape=(4,), name="in", dtype="float32"), door.layers.Dense(2)]).output_shape
    ),
    "the shape of a batch": lambda door: (
        door.Sequential([door.layers.InputLayer(batch_shape=(None, 4)), door.layers.Dense(2)]).count_params()
    ),
    "a layer's dtype": lambda door: door.layers.Dense(3, dtype="float32").units,
    "models.Sequential": lambda door: door.models.Sequential is door.Sequential,
    "base classes": lambda door: [
        hasattr(door, name) for name in ("Layer", "Loss", "Metric", "Optimizer", "Initializer", "Regularizer")
    ],
    "activations.get": lambda door: float(door.activations.get("relu")(np.float32(-1))),
    "no activation": lambda door: float(door.activations.get(None)(2.0)),
    "losses.get": lambda door: np.asarray(door.losses.get("mse")(Y, Y + 2)).mean(),
    "initializers.get": lambda door: type(door.initializers.get("he_normal")).__name__,
    "an optimizer's configuration": lambda door: (
        float(door.optimizers.SGD.from_config(door.optimizers.SGD(0.25, momentum=0.5).get_config()).learning_rate)
    ),
    "get_config and from_config": configured,
    "to_json": from_json,
    "a layer's weights": lambda door: [w.shape for w in net(door).layers[1].get_weights()],
    "kernel and bias": lambda door: [
        np.asarray(weight).shape for weight in (net(door).layers[0].kernel, net(door).layers[0].bias)
    ],
    "get_layer": lambda door: (net(door).get_layer("hidden").name, net(door).get_layer(index=1).name),
    "pop and add": popped,
    "variables": lambda door: (len(net(door).trainable_variables), len(net(door).variables)),
    "compile flags": lambda door: (
        net(door, jit_compile=True, steps_per_execution=1).name, net(door, run_eagerly=False).name
    ),
    "stop_training": stopped,
    "validation_freq": validated,
    "iterations": with_iterations,
    "learning_rate.assign": assigned,
    "fit by position": lambda door: len(net(door).fit(X, Y, 32, 1, 0).epoch),
    "an unbuilt model": lambda door: door.Sequential([door.layers.Dense(3)]).summary(print_fn=lambda text, **_: None),
    "summary": lambda door: net(door).summary(line_length=60, show_trainable=True, print_fn=lambda text, **_: None),
    "datasets": lambda door: callable(door.datasets.fashion_mnist.load_data),
    "clear_session": lambda door: door.backend.clear_session(),
    "epsilon": lambda door: (door.backend.floatx(), door.backend.epsilon()),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.parametrize("usage", USAGES)
def test_the_same_answer(usage):
    """Rows 2, 6, 139, 140."""
    keras = pytest.importorskip("keras")
    ours, theirs = USAGES[usage](lamina), USAGES[usage](keras)
    np.testing.assert_equal(ours, theirs)


MISTAKES = {
    "activity_regularizer": (
        lambda: lamina.layers.Dense(3, activity_regularizer="l2"),
        InvalidParameter,
        "Dense takes no activity_regularizer. Put ActivityRegularization(l1=0.01) after the layer, or penalise its "
        "weights with kernel_regularizer.",
    ),
    "dtype": (
        lambda: lamina.layers.Dense(3, dtype="float64"),
        InvalidParameter,
        "Dense has the dtype of its model. Leave dtype out, or give it to Sequential.",
    ),
    "the seed of a layer": (
        lambda: lamina.layers.Dropout(0.5, seed=1),
        InvalidParameter,
        "Dropout takes no seed. All noise follows lamina.utils.set_random_seed(0).",
    ),
    "a misspelt parameter": (
        lambda: lamina.layers.Dense(3, activtion="relu"),
        UnknownName,
        'Unknown Dense parameter "activtion". Did you mean "activation"?',
    ),
    "the functional interface": (
        lambda: lamina.layers.Dense(3)(lamina.Input((4,))),
        InvalidParameter,
        "There is no functional interface: put them into a model with Sequential",
    ),
    "Model": (lambda: lamina.Model, AttributeError, "put layers into Sequential([...])"),
    "ops": (lambda: lamina.ops, AttributeError, "Functions of arrays are those of jax.numpy."),
    "plot_model": (lambda: lamina.utils.plot_model, AttributeError, "model.summary() prints its layers."),
    "metrics as a name": (
        lambda: net(lamina, metrics="accuracy"),
        InvalidParameter,
        """compile expects metrics to be a list, such as ["accuracy"]. Received metrics='accuracy'.""",
    ),
    "an unknown metric": (lambda: net(lamina, metrics=["acuracy"]), UnknownName, 'Did you mean "accuracy"?'),
    "an unknown argument of compile": (
        lambda: net(lamina, metrcs=["mae"]),
        UnknownName,
        'Unknown argument of compile "metrcs". Did you mean "metrics"?',
    ),
    "loss_weights": (
        lambda: net(lamina, loss_weights=[0.5]),
        InvalidParameter,
        "compile takes no loss_weights. A model of one output has one loss; multiply it in a function of your own. "
        "Received [0.5].",
    ),
    "steps_per_epoch": (
        lambda: net(lamina).fit(X, Y, steps_per_epoch=2),
        InvalidParameter,
        "fit takes no steps_per_epoch. An epoch is all rows once; give it fewer rows, or fewer epochs.",
    ),
    "a generator": (
        lambda: net(lamina).fit(iter([(X, Y)]), verbose=0),
        DataError,
        "A model takes arrays. Received an object of type list_iterator. Collect the batches of a stream first",
    ),
    "a list of batches": (
        lambda: net(lamina).fit([(X, Y)], verbose=0),
        DataError,
        "A model takes arrays of one shape for every row. Received a ragged list.",
    ),
    "no targets": (lambda: net(lamina).fit(X), DataError, "Give rows and targets: fit(x, y)"),
    "no rows": (lambda: net(lamina).fit(X[:0], Y[:0]), DataError, "There are no rows"),
    "a single row": (lambda: net(lamina).predict(X[0]), DataError, "A single row is x[None]"),
    "verbose": (
        lambda: net(lamina).fit(X, Y, verbose="loud"),
        UnknownName,
        'Unknown fit verbose "loud". Known: auto.',
    ),
    "a layer's name": (lambda: net(lamina).get_layer("hiden"), UnknownName, 'Did you mean "hidden"? Known: hidden'),
    "a layer's position": (
        lambda: net(lamina).get_layer(index=2),
        InvalidParameter,
        "get_layer expects index to be a whole number at least -2 and at most 1. Received index=2.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_sentence_says_what_to_do(mistake):
    act, error, sentence = MISTAKES[mistake]
    with pytest.raises(error, match=re.escape(sentence)):
        act()


@pytest.mark.parametrize(("wrong", "right"), [("layer", "layers"), ("Sequentail", "Sequential")])
def test_python_proposes_the_nearest_name(wrong, right):
    """It looks among the names of the module that the error holds."""
    with pytest.raises(AttributeError) as caught:
        getattr(lamina, wrong)
    assert (caught.value.name, caught.value.obj) == (wrong, lamina)
    assert right in dir(lamina)


def test_no_rows_to_predict():
    assert net(lamina).predict(X[:0]).shape == (0, 1)


def test_files_that_may_not_be_replaced(tmp_path):
    model, path = net(lamina), tmp_path / "model.keras"
    model.save(path)
    with pytest.raises(lamina.errors.FileError, match=r"exists\. Choose another name"):
        model.save(path, overwrite=False)
    assert lamina.models.load_model(path).optimizer is not None
    assert lamina.models.load_model(path, compile=False).optimizer is None
