"""Holding rows out for validation."""

from __future__ import annotations

import numpy as np

from lamina.errors import DataError


def hold_out(
    n_rows: int, share: float, rng: np.random.RandomState, stratify: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers for training and for validation, as scikit-learn's networks draw them from the same generator."""
    from sklearn.model_selection import train_test_split  # here: it imports for 0.1 s

    try:
        train, valid = train_test_split(np.arange(n_rows), random_state=rng, test_size=share, stratify=stratify)
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise DataError(
            f"Cannot hold out validation_fraction={share} of {n_rows} rows for early stopping: {reason}. Change "
            "validation_fraction, or pass validation_data=(X_val, y_val) to fit."
        ) from None
    if len(valid) < 2:
        raise DataError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your dataset. "
            f"Received {n_rows} rows and validation_fraction={share}, which leaves {len(valid)} for validation."
        )
    return train, valid
