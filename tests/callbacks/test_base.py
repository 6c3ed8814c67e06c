"""The hooks of one callback."""

from lamina.callbacks import Callback


def test_the_older_names_of_batch_hooks_are_called():
    heard = []

    class Old(Callback):
        def on_batch_begin(self, batch, logs=None):
            heard.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            heard.append(("end", batch))

    callback = Old()
    callback.on_train_batch_begin(3)
    callback.on_train_batch_end(3)
    assert heard == [("begin", 3), ("end", 3)]


def test_every_hook_does_nothing_by_itself():
    for hook in (name for name in dir(Callback) if name.startswith("on_")):
        arguments = (0,) if "batch" in hook or "epoch" in hook else ()
        assert getattr(Callback(), hook)(*arguments) is None
