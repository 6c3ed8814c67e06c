"""Too little skill, or too little of it on new rows."""

import numpy as np
import pytest

from lamina import MLPClassifier
from lamina.inspection.symptoms import skill
from lamina.inspection.symptoms.skill import more_data_would_help, overfitting, underfitting, validation_loss_rising


def settings(**given):
    return MLPClassifier(**given).get_params()


@pytest.mark.parametrize(
    ("train", "valid", "classes", "severity"),
    [
        (0.95, 0.9, True, None),
        (0.6, 0.55, True, "warning"),
        (0.1, 0.1, True, "severe"),
        (0.6, 0.1, True, None),  # that is learning by heart
        (0.5, 0.45, False, None),  # targets that are half noise
        (0.2, 0.15, False, "severe"),
    ],
)
def test_underfitting(record, train, valid, classes, severity):
    loss = np.linspace(1, 1 - train, 10)
    training = record(train_skill=train, val_skill=valid, classes=classes, settings=settings())
    training.history["loss"] = loss
    findings = list(underfitting(training))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


def test_early_stopping_that_goes_back_is_no_underfitting(record):
    """The weights of the best score had half of the loss; the training itself went on to nearly none."""
    training = record(train_skill=0.5, val_skill=0.45, settings=settings(early_stopping=True))
    assert training.history["loss"][-1] == pytest.approx(0.05)
    assert list(underfitting(training)) == []


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"alpha": 100.0}, {"alpha": 1e-4}),
        ({"alpha": 0.001, "max_norm": 1.0}, {"max_norm": None}),
        ({"alpha": 0.001}, {"hidden_layer_sizes": (400,)}),  # a mild penalty is not what it is
        ({"dropout": 0.9}, {"dropout": 0.0}),
        ({"hidden_layer_sizes": (2,)}, {"hidden_layer_sizes": (100,)}),
        ({"hidden_layer_sizes": (50, 200)}, {"hidden_layer_sizes": (200, 800)}),
    ],
)
def test_what_held_it_back_comes_off_first(record, given, changes):
    training = record(train_skill=0.1, val_skill=0.1, settings=settings(**given), planned_epochs=20)
    training.history["loss"] = np.full(10, 0.9)
    (finding,) = underfitting(training)
    assert dict(finding.remedies[0].changes) == changes


def test_epochs_that_ran_out_come_before_a_wider_network(record):
    training = record(train_skill=0.1, val_skill=0.1, settings=settings())
    training.history["loss"], training.val_curve = np.linspace(1, 0.7, 10), np.linspace(0, 0.3, 10)
    (finding,) = underfitting(training)
    assert [list(remedy.changes) for remedy in finding.remedies] == [["max_iter"], ["hidden_layer_sizes"]]


def test_a_model_of_the_keras_door_is_changed_by_hand(record):
    training = record(train_skill=0.1, val_skill=0.1, settings={})
    training.history["loss"] = np.full(10, 0.9)
    (finding,) = underfitting(training)
    assert not any(remedy.applies for remedy in finding.remedies)


def test_a_network_that_learned_nothing_has_not_learned_by_heart(record):
    assert list(overfitting(record(train_skill=-0.2, val_skill=-0.6))) == []


def test_worse_than_a_constant_is_said_in_words(record):
    (finding,) = overfitting(record(train_skill=0.9, val_skill=-0.5))
    assert "removes 90%" in finding.reason
    assert "adds 50% on the validation rows" in finding.reason


def test_overfitting(record):
    (finding,) = overfitting(record(train_skill=0.99, val_skill=0.2))
    assert finding.severity == "severe"
    assert finding.remedies[0].changes == {"alpha": 0.1}
    assert list(overfitting(record(train_skill=0.95, val_skill=0.8))) == []


@pytest.mark.parametrize(("end", "best", "expected"), [(0.2, 3, True), (0.105, 3, False), (0.2, 8, False)])
def test_a_rising_validation_loss(record, end, best, expected):
    """By more than a tenth since an epoch that was not one of the last."""
    val_loss = np.concatenate([np.linspace(1, 0.1, best + 1), np.linspace(0.1, end, 10 - best)[1:]])
    training = record(settings=settings())
    training.history["val_loss"] = val_loss
    findings = list(validation_loss_rising(training))
    assert len(findings) == expected
    assert not expected or findings[0].evidence["best_epoch"] == best + 1
    training.settings["early_stopping"] = True
    assert list(validation_loss_rising(training)) == []


@pytest.mark.parametrize(("half", "expected"), [(0.5, 1), (0.69, 0)])
def test_more_rows(record, monkeypatch, half, expected):
    """A model trained on half of the rows, here one whose skill is given."""
    monkeypatch.setattr(skill, "rehearse", lambda model, X, y, **how: half)
    training = record(
        train_skill=0.99,
        val_skill=0.7,
        folds=lambda n: np.arange(200) % n,
        some_rows=lambda which: (which, which),
        val_skill_of=lambda model: model,
        validation_data=None,
    )
    assert len(list(more_data_would_help(training))) == expected
