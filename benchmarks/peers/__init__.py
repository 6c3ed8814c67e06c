"""One file per peer, each with the same small interface.

REQUIRES          modules whose versions are reported; without them the peer is skipped
Trainer(net)      imports and nothing else
.fit(X, y)        trains from fresh weights: every epoch, no early stop, rows shuffled anew for each epoch
.predict(X)       classes as a NumPy array
"""

from importlib import import_module
from types import ModuleType

PEERS = {
    "lamina": "lamina_",
    "scikit-learn": "scikit_learn",
    "pytorch": "pytorch",
    "keras": "keras_",
    "optax": "optax_scan",
}


def peer(name: str) -> ModuleType:
    return import_module(f"benchmarks.peers.{PEERS[name]}")
