"""Compiled programs outlive the process."""

import json
import os
import subprocess
import sys

import pytest

#: one fit and one prediction; prints every cache event
SCRIPT = """
import collections, json, warnings
import jax.monitoring

events = collections.Counter()
jax.monitoring.register_event_listener(lambda event, **_: events.update([event.rsplit("/", 1)[-1]]))
warnings.simplefilter("ignore")

import numpy as np
from lamina import MLPClassifier

rng = np.random.RandomState(0)
X = rng.randn(64, 5)
model = MLPClassifier((4,), max_iter=2, random_state=0).fit(X, X[:, 0] > 0)
probability = model.predict_proba(X).tolist()
print(json.dumps({**events, "probability": probability}))
"""


def _run(cache):
    environment = os.environ | {"LAMINA_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return _run(cache), _run(cache)


def test_second_process_compiles_nothing(processes):
    """Each of the two programs (training, prediction) is looked up, and in the second process found."""
    cold, warm = processes
    assert cold["compile_requests_use_cache"] == warm["compile_requests_use_cache"] == 2
    assert cold["cache_misses"] == warm["cache_hits"] == 2
    assert "cache_hits" not in cold
    assert "cache_misses" not in warm


def test_loaded_programs_give_the_same_bytes(processes):
    """Row 154: the compiled program and the loaded one are one program."""
    cold, warm = processes
    assert cold["probability"] == warm["probability"]
