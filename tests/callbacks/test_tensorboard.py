"""Files for TensorBoard, read back by its own reader."""

import builtins
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.model_selection import cross_validate

from lamina import MLPClassifier, MLPRegressor, Sequential
from lamina.callbacks import Callback, TensorBoard
from lamina.errors import UnknownName
from lamina.layers import BatchNormalization, Dense, Residual

event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
tensor_util = pytest.importorskip("tensorboard.util.tensor_util")

LOGS = [{"loss": 0.5, "accuracy": 0.5, "val_loss": 0.75}, {"loss": 0.25, "accuracy": 1.0, "val_loss": 0.5}]
X = np.random.RandomState(0).normal(size=(40, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def network():
    """A small compiled model."""
    model = Sequential([Dense(4, "relu", input_shape=(3,)), BatchNormalization(), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def read(folder):
    """The numbers of a folder by their tags, as pairs of step and value."""
    events = event_accumulator.EventAccumulator(str(folder), {event_accumulator.TENSORS: 0}).Reload()
    return {
        tag: [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


def scalars(numbers):
    return {tag: [(step, float(value)) for step, value in values] for tag, values in numbers.items()}


def interrupt_at(wanted):
    """A callback that is the user's Ctrl-C."""

    class Interrupt(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == wanted:
                raise KeyboardInterrupt

    return Interrupt()


def test_tags_and_folders_are_those_of_keras(run, tmp_path):
    board = TensorBoard(tmp_path / "new" / "logs")
    run(board, LOGS)
    assert board.run_dir == tmp_path / "new" / "logs"
    assert scalars(read(board.run_dir / "train")) == {
        "epoch_loss": [(0, 0.5), (1, 0.25)],
        "epoch_accuracy": [(0, 0.5), (1, 1.0)],
    }
    assert scalars(read(board.run_dir / "validation")) == {"epoch_loss": [(0, 0.75), (1, 0.5)]}


def test_without_validation_there_is_no_folder_for_it(run, tmp_path):
    run(TensorBoard(tmp_path), [{"loss": 0.5}])
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_a_model(network, tmp_path):
    board = TensorBoard(tmp_path, histogram_freq=2)
    history = network.fit(X, Y, epochs=3, validation_data=(X, Y), callbacks=[board], verbose=0).history
    train, valid = read(tmp_path / "train"), scalars(read(tmp_path / "validation"))
    histograms = {tag: train.pop(tag) for tag in list(train) if tag.endswith("/histogram")}
    assert {f"epoch_{name}" for name in history if not name.startswith("val_")} == set(train)
    for name, values in history.items():
        of_part = valid if name.startswith("val_") else scalars(train)
        assert of_part[f"epoch_{name.removeprefix('val_')}"] == list(enumerate(pytest.approx(v) for v in values))
    assert len(histograms) == 8
    steps, tables = zip(*histograms["dense/kernel/histogram"], strict=True)
    assert steps == (0, 2)
    counts, edges = np.histogram(network.get_weights()[0].astype(float), bins=30)
    np.testing.assert_allclose(tables[-1], np.column_stack([edges[:-1], edges[1:], counts]))
    assert (tables[0] != tables[-1]).any()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_estimator(tmp_path, solver):
    board = TensorBoard(tmp_path, histogram_freq=1)
    model = MLPRegressor(hidden_layer_sizes=(4,), solver=solver, max_iter=3, tol=0, random_state=0)
    with pytest.warns(UserWarning, match=r"terations?"):
        model.fit(X, X[:, 1], validation_data=(X, X[:, 1]), callbacks=[board])
    train, valid = read(tmp_path / "train"), scalars(read(tmp_path / "validation"))
    expected = list(enumerate(map(pytest.approx, model.history_["loss"])))
    assert scalars({"": train["epoch_loss"]})[""] == expected
    assert [step for step, _ in valid["epoch_score"]] == [0, 1, 2]
    edges = train["dense/kernel/histogram"][-1][1][:, :2]
    np.testing.assert_allclose([edges.min(), edges.max()], [model.coefs_[0].min(), model.coefs_[0].max()])


def test_histograms_of_layers_within_layers(tmp_path):
    model = Sequential([Dense(4, input_shape=(3,), name="first"), Residual([Dense(4)]), Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, callbacks=[TensorBoard(tmp_path, histogram_freq=1)], verbose=0)
    tags = read(tmp_path / "train")
    assert {"first/kernel/histogram", "residual/0/kernel/histogram", "dense/bias/histogram"} < set(tags)


def test_histograms_alone_make_the_epochs_wait():
    assert TensorBoard().only_watches
    assert not TensorBoard(histogram_freq=1).only_watches


def test_two_trainings_do_not_mix(run, tmp_path):
    """Neither with one callback nor with two."""
    board = TensorBoard(tmp_path)
    for name, callback in [("", board), ("run_2", board), ("run_3", TensorBoard(tmp_path))]:
        run(callback, LOGS)
        assert callback.run_dir == tmp_path / name
    for name in ("", "run_2", "run_3"):
        assert scalars(read(tmp_path / name / "train"))["epoch_loss"] == [(0, 0.5), (1, 0.25)]


def test_a_training_that_goes_on_has_one_curve(network, tmp_path):
    board = TensorBoard(tmp_path)
    for epoch in range(3):
        network.fit(X, Y, epochs=epoch + 1, initial_epoch=epoch, callbacks=[board], verbose=0)
    assert [step for step, _ in read(tmp_path / "train")["epoch_loss"]] == [0, 1, 2]
    assert len(list(tmp_path.rglob("*tfevents*"))) == 1


def test_every_fold_has_a_folder(tmp_path):
    """One callback for all of them, also as a copy in another process."""
    board = pickle.loads(pickle.dumps(TensorBoard(tmp_path)))
    model = MLPClassifier((2,), max_iter=9, tol=9, n_iter_no_change=1)
    cross_validate(model, X, Y, cv=3, params={"callbacks": [board]})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run_2", "run_3", "train"]


@pytest.mark.parametrize("kind", ["model", "estimator"])
def test_an_interrupted_training_can_be_read(network, tmp_path, kind):
    callbacks = [TensorBoard(tmp_path), interrupt_at(2)]
    with pytest.warns(UserWarning, match="interrupted"):
        if kind == "model":
            network.fit(X, Y, epochs=9, callbacks=callbacks, verbose=0)
        else:
            MLPClassifier((4,), max_iter=9).fit(X, Y, callbacks=callbacks)
    assert [step for step, _ in read(tmp_path / "train")["epoch_loss"]] == [0, 1, 2]


def test_every_epoch_can_be_read_at_once(tmp_path):
    """A killed process leaves complete files too."""
    board = TensorBoard(tmp_path)
    board.set_model(SimpleNamespace())
    board.on_train_begin()
    for epoch in range(2):
        board.on_epoch_begin(epoch)
        board.on_epoch_end(epoch, {"loss": 1.0})
        assert len(read(tmp_path / "train")["epoch_loss"]) == epoch + 1


def test_a_folder_that_cannot_be_fails_before_training(network, tmp_path):
    (tmp_path / "logs").write_text("")
    before = network.get_weights()
    with pytest.raises(NotADirectoryError):
        network.fit(X, Y, callbacks=[TensorBoard(tmp_path / "logs")], verbose=0)
    assert all(map(np.array_equal, before, network.get_weights()))


def test_parameters_of_keras_are_accepted_and_others_refused():
    TensorBoard("logs", write_graph=False, profile_batch=(10, 20))
    with pytest.raises(UnknownName, match=r'TensorBoard parameter "histogram_frequency".*mean "histogram_freq"'):
        TensorBoard(histogram_frequency=1)
    with pytest.raises(UnknownName, match=r'update_freq "batch".*Known: epoch'):
        TensorBoard(update_freq="batch")


def test_without_the_package(monkeypatch):
    """What to do, before anything is trained."""
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("tensorboard"):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pip install "lamina\[tensorboard\]"'):
        TensorBoard()
