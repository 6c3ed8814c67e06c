"""What a phase asks of a network, and what it leaves in the history."""

import numpy as np

from lamina.engine.history import History
from lamina.reuse.phases import Phase


class Recorder:
    """A network that only notes."""

    def __init__(self, n_epochs=0):
        self.history_ = History()
        self.given = {}
        self._no_improvement_count, self._phase = 7, "another"
        self.train(n_epochs)

    def set_params(self, **given):
        self.given |= given

    def train(self, n_epochs):
        for _ in range(n_epochs):
            self.history_.append(epoch=len(self.history_["epoch"]), loss=1.0)


def test_prepare():
    """Row 98: layers, epochs and rate are the phase's, and patience begins anew."""
    network = Recorder()
    Phase("frozen", 4, 6, 0.005).prepare(network)
    assert network.given == {"n_frozen": 6, "max_iter": 4, "learning_rate_init": 0.005}
    assert (network._phase, network._no_improvement_count) == ("frozen", 0)


def test_finish_names_only_new_epochs():
    network = Recorder()
    for phase in (Phase("frozen", 2, 1, 0.1), Phase("fine-tuning", 3, 0, 0.1)):
        phase.prepare(network)
        network.train(phase.epochs)
        phase.finish(network)
    assert network.history_["phase"].tolist() == ["frozen"] * 2 + ["fine-tuning"] * 3
    assert np.all(network.history_["loss"] == 1)
