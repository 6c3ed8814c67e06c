"""Groups of members as tasks on a cluster."""

import os
import signal

import numpy as np
import pytest
from joblib import parallel_config

from lamina.search import PopulationSearchCV
from lamina.search.journal import Journal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GRID = {"hidden_layer_sizes": [(2,), (3,), (4,), (5,)], "learning_rate_init": [0.01, 0.05]}


@pytest.mark.filterwarnings("ignore")  # dask's own
def test_a_worker_of_a_cluster_dies_and_the_result_is_the_same(rows, net, monkeypatch):
    """Row 144"""
    distributed = pytest.importorskip("distributed")
    search = PopulationSearchCV(net, GRID, cv=3, scoring="neg_log_loss", refit=False)
    expected = search.fit(*rows).cv_results_["mean_test_score"]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        workers = list(client.run(os.getpid).values())
        finished = []
        real = Journal.add

        def add(self, results):
            real(self, results)
            finished.append(len(results))
            if len(finished) == 1:
                os.kill(workers[0], signal.SIGKILL)

        monkeypatch.setattr(Journal, "add", add)
        with parallel_config("dask", n_jobs=2, scatter=list(rows)):
            search.fit(*rows)
    assert len(finished) == 4
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, atol=1e-9)
