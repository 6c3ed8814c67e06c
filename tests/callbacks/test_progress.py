"""Progress lines, on a terminal and elsewhere."""

import io

import pytest
from rich.console import Console

from lamina.callbacks.progress import RichProgress


def shown(terminal, epochs, every_epoch=False, width=200, **logs):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=width, color_system=None)
    progress = RichProgress(console, every_epoch)
    progress.set_params({"n_samples": 1000, "epochs": 200, "n_parameters": 12345})
    progress.on_train_begin()
    for epoch in range(epochs):
        progress.on_epoch_end(epoch, {"loss": 1 / (epoch + 1), "learning_rate": 0.1, "seconds": 0.01, **logs})
    progress.on_train_end()
    return stream.getvalue()


def test_plain_lines_come_seldom():
    lines = shown(False, 30, val_score=0.5, val_loss=float("nan")).splitlines()
    assert lines[0] == "Training 12,345 parameters on 1,000 rows, at most 200 epochs"
    assert [line.split()[1] for line in lines[1:-1]] == ["1/200", "2/200", "5/200", "10/200", "20/200"]
    assert " ".join(lines[3].split()) == "epoch 5/200 loss 0.2 val score 0.5 100 k rows/s at most 0:01 left"
    assert lines[-1].startswith("Trained 30 epochs in ")


@pytest.mark.parametrize("epochs", [0, 3])
def test_a_terminal_gets_a_live_line(epochs):
    text = shown(True, epochs, val_score=0.25)
    assert f"{epochs}/200" in text
    assert ("val score 0.25" in text) is (epochs > 0)
    assert f"Trained {epochs} epochs" in text


def test_nothing_is_cut_off_in_80_columns():
    text = shown(True, 200, width=80, loss=0.00123456, val_loss=0.0456789, val_score=0.98519)
    assert all(fact in text for fact in ("200/200", "loss 0.001235", "val loss 0.04568", "val score 0.9852", "left"))


@pytest.mark.parametrize("terminal", [True, False])
def test_a_line_for_every_epoch(terminal):
    lines = shown(terminal, 4, every_epoch=True, accuracy=0.5).splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == ["1/200", "2/200", "3/200", "4/200"]
    assert all("accuracy 0.5 " in line for line in lines[1:-1])
