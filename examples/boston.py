"""Median house prices in 506 districts of Boston (1970), from OpenML; the column B is not for use.

scikit-learn withdrew the data set: B was computed from the share of Black residents, as if segregation raised prices.
"""

import numpy as np
from sklearn import datasets


def load(*columns: str) -> tuple[np.ndarray, np.ndarray]:
    """The columns asked for, of shape (506, n_columns), and the prices in 1,000 dollars."""
    table = datasets.fetch_openml(name="boston", version=1, as_frame=False, parser="liac-arff")
    chosen = [table.feature_names.index(column) for column in columns]
    return table.data[:, chosen].astype(np.float32), table.target.astype(np.float32)
