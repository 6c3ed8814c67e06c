"""Which way is better."""

from types import SimpleNamespace

import pytest

from lamina.callbacks import EarlyStopping
from lamina.errors import InvalidParameter, UnknownName
from lamina.metrics import AUC


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("loss", False),
        ("val_loss", False),
        ("val_accuracy", True),
        ("val_score", True),
        ("auc", True),
        ("val_mae", False),
        ("val_huber", False),
        ("val_cosine_similarity", True),
    ],
)
def test_known_names(name, more):
    assert EarlyStopping(name).more_is_better is more


def test_names_of_the_models_own_metrics():
    stopping = EarlyStopping("val_area")
    stopping.set_model(SimpleNamespace(metrics=[AUC(name="area")]))
    assert stopping.more_is_better


def test_unknown_names():
    with pytest.raises(InvalidParameter, match=r'"val_wealth" is better\. Pass mode="max"'):
        _ = EarlyStopping("val_wealth").more_is_better
    with pytest.raises(UnknownName, match='mode "mn"'):
        EarlyStopping(mode="mn")
