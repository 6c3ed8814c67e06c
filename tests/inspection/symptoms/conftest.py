"""Records of trainings that never took place: what a symptom reads, with the numbers that a test wants."""

from types import SimpleNamespace

import numpy as np
import pytest

from lamina.layers import Dense
from lamina.losses import LOSSES


@pytest.fixture
def record():
    """A healthy training of three dense layers over ten epochs; keywords replace parts of it."""

    def make(flow=None, **changes):
        rng = np.random.RandomState(0)
        epochs, layers = 11, 3
        measured = {
            "gradient_norm": np.full((epochs, layers), 0.1),
            "weight_norm": np.full((epochs, layers), 5.0),
            "update_ratio": np.full((epochs, layers), 0.002),
            "dead": np.zeros((epochs, layers)),
            "saturated": np.full((epochs, layers), np.nan),
        } | (flow or {})
        plan = SimpleNamespace(
            layers=tuple((f"dense_{i}", Dense(4, "relu")) for i in range(layers)), loss=LOSSES["log_loss"]
        )
        parts = {
            "plan": plan,
            "layers": [layer for _, layer in plan.layers],
            "flow": SimpleNamespace(layers=[name for name, _ in plan.layers], epoch=np.arange(epochs), **measured),
            "history": {"loss": np.geomspace(1, 0.05, 10), "val_loss": np.geomspace(1, 0.1, 10)},
            "val_curve": 1 - np.geomspace(1, 0.1, 10),
            "rows": (rng.randn(200, 5), np.eye(2)[rng.randint(0, 2, 200)], None),
            "settings": {"learning_rate_init": 0.001, "alpha": 1e-4},
            "diverged": False,
            "classes": True,
            "n_classes": 2,
            "epochs": 10,
            "planned_epochs": 10,
            "batch_size": 50,
            "steps_per_epoch": 4,
            "baseline": 1.0,
            "train_skill": 0.95,
            "val_skill": 0.9,
            "model": None,
            "learned_before": (),
        }
        return SimpleNamespace(**(parts | changes))

    return make
