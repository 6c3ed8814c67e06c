"""What is saved when."""

import pytest

from lamina.callbacks import ModelCheckpoint
from lamina.errors import InvalidParameter

LOGS = [{"val_loss": value, "accuracy": 1 - value} for value in (0.5, 0.6, 0.25)]


def test_every_epoch(run, model, tmp_path):
    run(ModelCheckpoint(tmp_path / "new" / "{epoch:02d}-{val_loss:.2f}.lamina"), LOGS)
    names = ["01-0.50.lamina", "02-0.60.lamina", "03-0.25.lamina"]
    assert model.saved == [str(tmp_path / "new" / name) for name in names]
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("monitor", ["val_loss", "accuracy"])
def test_the_best_only(run, model, monitor):
    run(ModelCheckpoint("{epoch}", monitor, save_best_only=True, save_weights_only=True), LOGS)
    assert model.saved == ["weights:1", "weights:3"]


def test_going_on_from_an_older_best(run, model, capsys):
    run(ModelCheckpoint("{epoch}", verbose=1, save_best_only=True, initial_value_threshold=0.3), LOGS)
    assert model.saved == ["3"]
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Epoch 1: val_loss did not improve from 0.30000",
        "Epoch 2: val_loss did not improve from 0.30000",
        "Epoch 3: saving model to 3",
    ]


def test_a_number_that_is_not_there(run, model):
    with pytest.warns(UserWarning, match="not in the logs"):
        run(ModelCheckpoint("{epoch}", save_best_only=True), [{"loss": 1.0}])
    assert model.saved == ["1"]
    with pytest.raises(InvalidParameter, match=r"'val_loss' is not in the logs\. Known: epoch, loss"):
        run(ModelCheckpoint("{val_loss}"), [{"loss": 1.0}])
