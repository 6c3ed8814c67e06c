"""Several callbacks as one."""

import pytest

from lamina.callbacks import Callback, CallbackList, CSVLogger, EarlyStopping, History, LambdaCallback
from lamina.errors import InvalidParameter, UnknownName


def test_all_hear_in_turn(model):
    """Row 140."""
    heard = []
    hooks = ["on_train_begin", "on_train_end"]
    listeners = [
        LambdaCallback(
            **{hook: lambda logs, hook=hook, n=n: heard.append((n, hook)) for hook in hooks},
            on_epoch_begin=lambda epoch, logs, n=n: heard.append((n, epoch)),
            on_epoch_end=lambda epoch, logs, n=n: heard.append((n, logs["loss"])),
            on_train_batch_begin=lambda batch, logs, n=n: heard.append((n, batch)),
            on_train_batch_end=lambda batch, logs, n=n: heard.append((n, batch)),
        )
        for n in range(2)
    ]
    callbacks = CallbackList(listeners, model, {"epochs": 1})
    assert listeners[1].model is model
    assert listeners[1].params == {"epochs": 1}
    model.train(callbacks, [{"loss": 0.5}])
    callbacks.on_train_batch_begin(7)
    callbacks.on_train_batch_end(7)
    events = ["on_train_begin", 0, 0.5, "on_train_end", 7, 7]
    assert heard == [(n, event) for event in events for n in range(2)]


def test_an_older_wish_to_stop_is_forgotten(model):
    model.stop_training = True
    callbacks = CallbackList([History()], model)
    assert callbacks.stop_training
    callbacks.on_train_begin()
    assert not callbacks.stop_training


def test_who_only_watches(tmp_path):
    assert CallbackList([History(), CSVLogger(tmp_path / "log.csv")]).only_watches
    assert not CallbackList([History(), EarlyStopping()]).only_watches


def test_what_is_refused(model):
    with pytest.raises(InvalidParameter, match="A callback is <function"):
        CallbackList([test_what_is_refused])
    with pytest.raises(InvalidParameter, match="EarlyStopping needs a model with get_weights and set_weights"):
        CallbackList([EarlyStopping(restore_best_weights=True)], object())


def test_who_hears_batches():
    class Old(Callback):
        def on_batch_end(self, batch, logs=None):
            pass

    assert CallbackList([Old()]).hears_batches()
    assert not CallbackList([Callback(), LambdaCallback(on_epoch_end=print)]).hears_batches()
    assert LambdaCallback(on_train_batch_end=print).hears_batches()


def test_a_function_for_any_hook():
    heard = []
    callback = LambdaCallback(on_test_begin=heard.append, on_predict_batch_end=lambda batch, logs: heard.append(batch))
    callbacks = CallbackList([callback])
    callbacks.on_test_begin({"loss": 0.5})
    callbacks.on_predict_batch_end(3)
    assert heard == [{"loss": 0.5}, 3]
    assert callbacks.hears_batches("predict")
    with pytest.raises(UnknownName, match='Did you mean "on_epoch_end"'):
        LambdaCallback(on_epoch_ends=print)
