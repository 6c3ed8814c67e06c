"""The logs of every epoch as lists."""

from lamina.callbacks import History


def test_lists_per_name(run):
    history = History()
    for _ in range(2):  # a second training starts anew
        run(history, [{"loss": 0.5, "seconds": 1.0}, {"loss": 0.25, "seconds": 1.0}])
        assert history.history == {"loss": [0.5, 0.25]}
        assert history.epoch == [0, 1]
