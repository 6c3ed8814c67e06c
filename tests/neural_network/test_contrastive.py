"""Contrastive views: the loss by hand in NumPy, duplicates left out, noise of the stated size, and the contract."""

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale
from sklearn.utils.estimator_checks import parametrize_with_checks

import lamina
from lamina import Contrastive
from lamina.layers import Call
from lamina.neural_network.contrastive import InfoNCE, Views

X = scale(load_iris().data).astype(np.float32)
SEED = np.array([1, 2], np.uint32)


@pytest.fixture(scope="module")
def fitted():
    return Contrastive((16, 8), swap=0.2, max_iter=20, random_state=0).fit(X)


@parametrize_with_checks([Contrastive((6,), max_iter=3)])
def test_contract(estimator, check):
    check(estimator)


def info_nce(z, temperature):
    """Row by row, both views as the one that looks for the other."""
    unit = z / np.linalg.norm(z, axis=-1, keepdims=True)
    losses = np.zeros(len(z))
    for a, b in ((unit[:, 0], unit[:, 1]), (unit[:, 1], unit[:, 0])):
        for i in range(len(z)):
            alike = np.exp(b @ a[i] / temperature)
            losses[i] -= np.log(alike[i] / alike.sum()) / 2
    return losses


def test_the_loss_is_the_one_of_the_papers():
    """Row 103."""
    z = np.random.RandomState(0).randn(7, 2, 3)
    ours = InfoNCE(0.5).per_row(jnp.arange(7.0)[:, None], jnp.asarray(z))
    np.testing.assert_allclose(ours, info_nce(z, 0.5), rtol=1e-5)


def test_a_row_that_comes_again_is_no_other_row():
    z = np.random.RandomState(0).randn(5, 2, 3)
    once = InfoNCE(0.5).per_row(jnp.arange(5.0)[:, None], jnp.asarray(z))
    padded = np.concatenate([z, z[:1], z[:1]])
    numbers = jnp.asarray([0.0, 1, 2, 3, 4, 0, 0])[:, None]
    np.testing.assert_allclose(InfoNCE(0.5).per_row(numbers, jnp.asarray(padded))[:5], once, rtol=1e-6)


def test_without_noise_both_views_are_one():
    z = np.random.RandomState(0).randn(4, 3)
    numbers = jnp.arange(4.0)[:, None]
    ours = InfoNCE(1.0).per_row(numbers, jnp.asarray(z))
    np.testing.assert_allclose(ours, info_nce(np.stack([z, z], axis=1), 1.0), rtol=1e-5)


def test_views_differ_by_noise_of_the_stated_size():
    x = np.random.RandomState(0).randn(2000, 5) * [1, 2, 3, 4, 5]
    views = Views(None, 0.5).apply({}, {}, jnp.asarray(x), Call(True, SEED, hyper={"gaussian": 0.5}))[0]
    assert views.shape == (2000, 2, 5)
    noise = np.asarray(views) - x[:, None]
    np.testing.assert_allclose(noise.std(axis=(0, 1)), 0.5 * np.sqrt(x.var(axis=0).mean()), rtol=0.05)
    assert abs(np.corrcoef(noise[:, 0].ravel(), noise[:, 1].ravel())[0, 1]) < 0.05


def test_padded_rows_have_no_part_in_the_noise():
    x = np.concatenate([X[:20], np.full((20, 4), 100, np.float32)])
    call = Call(True, SEED, rows=jnp.asarray(np.arange(40) < 20, jnp.float32), hyper={"gaussian": 1.0, "rate": 0.5})
    views = Views(0.5, 1.0).apply({}, {}, jnp.asarray(x), call)[0][:20]
    assert np.abs(views).max() < 20


@pytest.mark.parametrize("off", ["swap", "gaussian"])
def test_noise_that_is_off_is_no_part_of_the_program(off):
    layer = Contrastive(**{"swap": 0.1, "gaussian": 0.1, off: 0.0})._corruption()[0]
    assert set(layer.hyper()) == {"rate", "gaussian"} - {"rate" if off == "swap" else off}


def test_features_are_those_of_the_hidden_layers(fitted):
    features = X
    for kernel, bias in zip(fitted.coefs_[:2], fitted.intercepts_[:2], strict=True):
        features = np.maximum(0, features @ kernel + bias)
    np.testing.assert_allclose(fitted.transform(X), features, rtol=1e-4, atol=1e-5)
    assert fitted.get_feature_names_out()[0] == "contrastive0"


def test_rows_become_easier_to_find(fitted):
    """Row 103."""
    task = Contrastive((16, 8), max_iter=60, early_stopping=True, n_iter_no_change=60, random_state=0).fit(X)
    assert task.history_["val_loss"][-1] < task.history_["val_loss"][0]


def test_warm_start_and_files(fitted, tmp_path):
    fitted.save(tmp_path / "task.lamina")
    copy = lamina.load(tmp_path / "task.lamina")
    np.testing.assert_array_equal(copy.transform(X), fitted.transform(X))
    copy.set_params(warm_start=True, max_iter=2).fit(X[:100])
    assert copy.n_iter_ == 2
    assert len(copy.history_["loss"]) == 22


def test_other_numbers_compile_nothing(fitted, compiles):
    with compiles(at_most=0):
        Contrastive((16, 8), swap=0.5, gaussian=0.2, temperature=0.1, max_iter=20, random_state=1).fit(X)
