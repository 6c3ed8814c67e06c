"""The doctor recognises what is wrong with real trainings, and leaves healthy ones in peace."""

import copy
import json

import numpy as np
import pytest
from benchmarks.patients import HEALTHY, SICK
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MaskedFeatures, MLPClassifier, Sequential
from lamina.errors import DataError, InvalidParameter
from lamina.inspection import CODES, Diagnosis, Finding, GradientFlow, Remedy, doctor
from lamina.inspection.doctor import _held_out
from lamina.inspection.record import record_of
from lamina.layers import Dense
from lamina.reuse import FineTuneClassifier

#: those that take about a second; the benchmark has all
FAST = {
    "digits": ("Adam at a millionth", "three epochs", "rare classes", "default", "1cycle"),
    "wine": ("sigmoids, wide weights", "raw columns", "SGD at 1e-5", "tanh"),
    "diabetes": ("Adam at 0.3", "SGD at 5", "early stopping", "alpha of 1"),
    "breast_cancer": ("Adam at 1", "wild values", "default"),
}


def fast(patients):
    chosen = [patient for patient in patients if patient.name in FAST.get(patient.data, ())]
    return [pytest.param(patient, id=f"{patient.name}, {patient.data}") for patient in chosen]


@pytest.mark.parametrize("patient", fast(SICK))
def test_the_sick_are_recognised(patient):
    """Rows 22, 42, 46: the illness is the main finding."""
    (X, y), valid = patient.rows()
    diagnosis = doctor(patient.estimator, X, y, valid)
    assert diagnosis.main.code == patient.illness
    assert diagnosis.main.remedies[0].applies
    assert all(np.isfinite(list(finding.evidence.values())).all() for finding in diagnosis.findings)


@pytest.mark.parametrize("patient", fast(HEALTHY))
def test_the_healthy_are_left_in_peace(patient):
    (X, y), valid = patient.rows()
    findings = doctor(patient.estimator, X, y, valid).findings
    assert [finding.code for finding in findings if finding.severity == "severe"] == []


@pytest.fixture(scope="module")
def raw_wine():
    X, y = load_wine(return_X_y=True)
    settings = {"hidden_layer_sizes": (16,), "max_iter": 60, "random_state": 0, "n_iter_no_change": 60}
    return MLPClassifier(**settings), X, y


def test_the_remedy_is_applied_to_a_clone(raw_wine):
    model, X, y = raw_wine
    diagnosis = doctor(model, X, y)
    better = diagnosis.apply(model)
    assert isinstance(better, Pipeline)
    assert isinstance(better[0], StandardScaler)
    assert better[-1].get_params() == model.get_params()
    assert not hasattr(model, "coefs_")  # it was a copy that was trained
    assert diagnosis.verdict.startswith("severe: inputs not standardised (and")
    assert "StandardScaler" in str(diagnosis)
    tree = json.loads(json.dumps(diagnosis.to_dict()))
    assert tree["findings"][0]["code"] == "inputs_not_standardised"


def test_a_model_of_the_keras_door(raw_wine):
    """Remedies for it are advice; its weights stay."""
    _, X, y = raw_wine
    model = Sequential([Dense(8, "relu", input_shape=(13,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = model.get_weights()
    diagnosis = doctor(model, X, y, epochs=20)
    assert diagnosis.main.code == "inputs_not_standardised"
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    with pytest.raises(InvalidParameter, match="By hand: Standardise"):
        diagnosis.apply(model)


def test_what_cannot_be_examined(raw_wine):
    _, X, y = raw_wine
    with pytest.raises(InvalidParameter, match="has no steps to look at"):
        doctor(MLPClassifier(solver="lbfgs"), X, y)
    with pytest.raises(InvalidParameter, match="Expected an MLPClassifier"):
        doctor(StandardScaler(), X, y)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_rows_held_out_are_of_classes_that_training_has(shape):
    """Even of ten classes in 21 rows, two of which have a single row."""
    X = np.arange(21.0)[:, None]
    y = np.array([0, 1, *([2, 3, 4, 5, 6, 7, 8] * 2), 9, 9, 9, 9, 9])
    train, valid, of_train, of_valid = _held_out(MLPClassifier(), X, y.reshape(shape))
    assert sorted([*train[:, 0], *valid[:, 0]]) == X[:, 0].tolist()
    assert len(of_valid)
    assert set(of_valid.ravel()) <= set(of_train.ravel())
    for rows, targets in ((train, of_train), (valid, of_valid)):
        assert y[rows[:, 0].astype(int)].tolist() == targets.ravel().tolist()
    with pytest.raises(DataError, match="5 rows are too few to hold some out"):
        doctor(MLPClassifier(), X[:5], np.arange(5))


def test_findings_are_ordered():
    """The most severe first, then causes before what they lead to."""
    codes = ["overfitting", "constant_columns", "diverged", "learning_rate_too_high"]
    severities = ["severe", "info", "severe", "warning"]
    findings = [Finding(code, severity, "", {}, (Remedy("Do."),)) for code, severity in zip(codes, severities)]
    diagnosis = Diagnosis(findings)
    assert [f.code for f in diagnosis.findings] == ["diverged", "overfitting", "learning_rate_too_high", codes[1]]
    assert repr(diagnosis) == "Diagnosis(2 severe, 1 warning, 1 info)"
    assert Diagnosis([]).verdict.startswith("healthy")
    assert set(codes) < set(CODES)


def test_every_code_has_a_patient_or_is_information():
    """The closed list: nothing is in it that no training shows."""
    of_patients = {patient.illness for patient in SICK}
    information = {"constant_columns", "duplicated_columns", "more_data_would_help", "dropout_misleads"}
    assert of_patients | information | {"learning_rate_right", "initializer_mismatch"} == set(CODES)
    assert len(SICK) >= 24
    assert len(HEALTHY) >= 12


@pytest.fixture(scope="module")
def transfer():
    """A source of two hidden layers for two of three wines, and rows of a task with all three."""
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    settings = {"max_iter": 60, "tol": 1e-2, "n_iter_no_change": 5, "random_state": 0}
    source = MLPClassifier((16, 8), learning_rate_init=0.01, **settings).fit(X[y < 2], y[y < 2])
    return source, X, y


def test_a_fine_tuning_is_looked_at_in_all_its_phases(transfer):
    """A frozen phase is no illness: what stands still there was learned before."""
    source, X, y = transfer
    healthy = FineTuneClassifier(source, 2, epochs=30, learning_rate=0.005, random_state=0)
    assert doctor(healthy, X, y).main is None
    short = FineTuneClassifier(source, 2, frozen_epochs=2, epochs=3, learning_rate=1e-3, random_state=0)
    diagnosis = doctor(short, X, y)
    assert diagnosis.main.code == "not_enough_epochs"
    assert diagnosis.apply(short).epochs == 25  # five times as many as in both phases
    for finding in diagnosis.findings:
        assert all(set(remedy.changes) <= set(short.get_params()) for remedy in finding.remedies)


def test_weights_that_were_learned_before_are_no_initial_weights(transfer):
    source, X, y = transfer
    source = copy.deepcopy(source)
    source.coefs_ = [50 * kernel for kernel in source.coefs_]
    tuning = FineTuneClassifier(source, 2, frozen_epochs=0, epochs=2, n_frozen=2, random_state=0)
    codes = [finding.code for finding in doctor(tuning, X, y).findings]
    assert "initializer_mismatch" not in codes


def test_the_planned_epochs_of_phases(transfer):
    """Of the last phase, after all epochs of those before it."""
    _, X, y = transfer
    flow, valid = GradientFlow(X, y), (X[:50], y[:50])
    network = MLPClassifier((8,), pretrain=MaskedFeatures(max_iter=2), frozen_epochs=3, max_iter=4, random_state=0)
    with pytest.warns(ConvergenceWarning):
        network.fit(X, y, validation_data=valid, callbacks=[flow])
    record = record_of(network, X, y, valid, flow)
    assert (record.planned_epochs, record.epochs, len(flow.epoch)) == (7, 7, 8)
    assert record.learned_before == ("dense",)
