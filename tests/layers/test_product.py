"""The dense layer's product and its derivative."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.layers.product import product


def arrays(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("rows", [(5,), (2, 5)])
def test_derivatives(rows):
    """Against NumPy's products; 5 terms per sum in float32, whose rounding is 1e-7 of them."""
    x, kernel, dy = arrays((*rows, 4), (4, 3), (*rows, 3))
    y, pull = jax.vjp(product, x, kernel)
    dx, dkernel = pull(dy)
    np.testing.assert_allclose(y, x @ kernel, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dx, dy @ kernel.T, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dkernel, x.reshape(-1, 4).T @ dy.reshape(-1, 3), rtol=1e-5, atol=1e-6)


def test_a_population_of_products():
    """Under ``vmap``, also where all members share their rows."""
    x, kernels = arrays((5, 4), (3, 4, 2))

    def loss(kernel):
        return jnp.sum(jnp.sin(product(x, kernel)))

    each = [jax.grad(loss)(kernel) for kernel in kernels]
    np.testing.assert_allclose(jax.jit(jax.vmap(jax.grad(loss)))(kernels), each, rtol=1e-5, atol=1e-6)
