"""Muon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import optax

from lamina.checks import Boolean, Is, Number, check_value
from lamina.optimizers.adam import adam_rule
from lamina.optimizers.base import Hyper, Optimizer

#: coefficients of the quintic Newton-Schulz iteration that is steepest at 0
_QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonalize(g: jax.Array, steps: int) -> jax.Array:
    """Nearly U V' of the singular value decomposition g = U S V', by a Newton-Schulz iteration."""
    a, b, c = _QUINTIC
    x = g.T if g.shape[0] > g.shape[1] else g
    x = x / (jnp.sqrt(jnp.sum(jnp.square(x))) + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if g.shape[0] > g.shape[1] else x


class Muon(Optimizer):
    """Momentum for matrices, each step made orthogonal; AdamW for everything else.

    ``m = momentum m + g; w -= learning_rate · rms_rate · sqrt(max(rows, columns)) · orthogonal(g + momentum m)``.
    Biases, scales, embeddings and the weights named by `exclude_layers` are trained by AdamW. The momentum is Keras';
    ``optax.contrib.muon`` corrects it for its start at 0, which turns the first steps a little.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    adam_beta_1, adam_beta_2, epsilon : float, default=0.9, 0.999, 1e-7
        Numbers of AdamW, as in `Adam`.
    adam_weight_decay : float or None, default=0.004
        Weight decay where AdamW is used.
    weight_decay : float or None, default=0.004
        Weight decay of the matrices.
    exclude_layers : sequence of str, default=()
        Parts of names: the weights of layers whose names contain one of them are trained by AdamW. The last layer is
        often better off so.
    adam_lr_ratio : float, default=1.0
        AdamW's learning rate as a multiple of `learning_rate`.
    momentum : float, default=0.95
        Share of the old m in the new one.
    ns_steps : int, default=5
        Newton-Schulz iterations.
    nesterov : bool, default=True
        Look ahead along m; otherwise the step is ``orthogonal(m)``.
    rms_rate : float or None, default=0.2
        Makes steps about as long as AdamW's; None leaves the factor with the shape's out.
    **common
        As in `Optimizer`.

    References
    ----------
    Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks. Liu et al. (2025), Muon is scalable
    for LLM training (`rms_rate`).

    Examples
    --------
    >>> Muon(0.01, exclude_layers=["output"])
    Muon(learning_rate=0.01, exclude_layers=('output',))
    """

    traced: ClassVar[tuple[str, ...]] = (
        "adam_beta_1",
        "adam_beta_2",
        "adam_weight_decay",
        "epsilon",
        "adam_lr_ratio",
        "momentum",
        "rms_rate",
    )
    momentum_name = "momentum"

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = (),
        adam_lr_ratio: float = 1.0,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **common,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, **common)
        self.adam_beta_1 = self.number("adam_beta_1", adam_beta_1, Number(0, 1, open_high=True))
        self.adam_beta_2 = self.number("adam_beta_2", adam_beta_2, Number(0, 1, open_high=True))
        self.adam_weight_decay = self.number("adam_weight_decay", adam_weight_decay, Number(0), Is(None))
        self.epsilon = self.number("epsilon", epsilon, Number(0))
        self.exclude_layers = tuple(exclude_layers or ())
        self.adam_lr_ratio = self.number("adam_lr_ratio", adam_lr_ratio, Number(0))
        self.momentum = self.number("momentum", momentum, Number(0, 1))
        self.ns_steps = check_value("Muon", "ns_steps", ns_steps, Number(1, whole=True))
        self.nesterov = check_value("Muon", "nesterov", nesterov, Boolean)
        self.rms_rate = self.number("rms_rate", rms_rate, Number(0), Is(None))

    def is_matrix(self, path: tuple[Any, ...], weight: jax.Array) -> bool:
        """Whether a weight is trained by Muon."""
        name = jax.tree_util.keystr(path)
        excluded = "embedding" in name.lower() or any(part in name for part in self.exclude_layers)
        return weight.ndim == 2 and not excluded

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        rate = hyper["learning_rate"]

        def orthogonal(g, _):
            x = orthogonalize(g, self.ns_steps)
            return x * (hyper["rms_rate"] * max(g.shape) ** 0.5) if "rms_rate" in hyper else x

        matrix_rule = optax.chain(
            optax.trace(hyper["momentum"], self.nesterov),
            optax.stateless_with_tree_map(orthogonal),
            optax.scale_by_learning_rate(rate),
        )
        other_rule = adam_rule(
            rate * hyper["adam_lr_ratio"], hyper["adam_beta_1"], hyper["adam_beta_2"], hyper["epsilon"]
        )
        return optax.partition(
            {True: matrix_rule, False: other_rule}, lambda tree: jax.tree_util.tree_map_with_path(self.is_matrix, tree)
        )

    @property
    def decays(self) -> bool:
        return super().decays or self.adam_weight_decay is not None

    def decayed(self, params: Any, hyper: Hyper) -> Any:
        def kept(path, w):
            decay = "weight_decay" if self.is_matrix(path, w) else "adam_weight_decay"
            return w * (1 - hyper["learning_rate"] * hyper[decay]) if decay in hyper else w

        return jax.tree_util.tree_map_with_path(kept, params)
