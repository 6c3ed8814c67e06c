"""The presets side by side, through scikit-learn's door, on Fashion-MNIST (row 136).

They follow tables 11-3 and 11-4 of Géron, "Hands-On Machine Learning", 2nd edition (2019), which give no figures. In so
few epochs all but "sparse" reach about the same accuracy; that one pays for having nearly all its weights near 0.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from examples.fashion import Part, load
from examples.published import compare
from lamina import MLPClassifier, presets

NETS = {
    "default, 2 hidden layers": (presets.default, 2),
    "default, 5 (with batch normalisation)": (presets.default, 5),
    "self_normalizing, 5": (presets.self_normalizing, 5),
    "sparse, 2": (presets.sparse, 2),
    "low_latency, 2": (presets.low_latency, 2),
    "risk_sensitive, 2": (presets.risk_sensitive, 2),
}


def flat(part: Part) -> Part:
    """Images as rows."""
    X, y = part
    return X.reshape(len(X), -1), y


def main(epochs: int = 10, names: Sequence[str] = tuple(NETS)) -> None:
    train, valid, test = map(flat, load(standardize=True))
    rows = []
    for name in names:
        preset, depth = NETS[name]
        classifier = MLPClassifier((100,) * depth, **{**preset(depth), "max_iter": epochs, "random_state": 42})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 1cycle is meant to end with the last epoch
            classifier.fit(*train, validation_data=valid)
        weights = np.concatenate([w.ravel() for w in classifier.coefs_])
        rows.append((name, "-", f"{classifier.score(*test):.4f}, {(abs(weights) < 1e-3).mean():.0%}"))
    compare(f"Presets, test accuracy after {epochs} epochs, and weights below 0.001", rows)


if __name__ == "__main__":
    main()
