"""Tables of logs."""

import polars as pl

from lamina.callbacks import CSVLogger

LOGS = [{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.25, "val_loss": 0.5}]


def test_one_line_per_epoch(run, tmp_path):
    path = tmp_path / "log.csv"
    for _ in range(2):  # the second training replaces the first one's file
        run(CSVLogger(path), LOGS)
        assert pl.read_csv(path).to_dict(as_series=False) == {
            "epoch": [0, 1],
            "loss": [0.5, 0.25],
            "val_loss": [0.75, 0.5],
        }


def test_going_on_in_a_file(run, tmp_path):
    path = tmp_path / "log.csv"
    run(CSVLogger(path, separator=";", append=True), LOGS)
    run(CSVLogger(path, separator=";", append=True), [{"loss": 0.1, "accuracy": 1.0}])
    header, *rows = path.read_text().splitlines()
    assert header == "epoch;loss;val_loss;accuracy"
    assert rows == ["0;0.5;0.75;NA", "1;0.25;0.5;NA", "0;0.1;NA;1.0"]


def test_a_number_that_is_not_there_from_the_start(run, tmp_path):
    """Validation every second epoch."""
    path = tmp_path / "log.csv"
    run(CSVLogger(path), [{"loss": 0.5}, {"loss": 0.25, "val_loss": 0.5}, {"loss": 0.1}])
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,0.5,NA", "1,0.25,0.5", "2,0.1,NA"]
