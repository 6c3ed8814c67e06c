"""What every test shares: a compile cache of its own, and a counter of compilations."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version

import pytest

COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"

# Set before lamina is imported, so that no test touches the user's cache. The workers of xdist and every child process
# inherit the variable and share one folder, and the process that made the folder removes it.
_own_cache = None
if "LAMINA_CACHE" not in os.environ:
    _own_cache = tempfile.mkdtemp(prefix="lamina-test-cache-")
    os.environ["LAMINA_CACHE"] = _own_cache
# Programs that run for milliseconds are not worth LLVM's optimisation, nor the newer and slower of XLA's two ways to
# write fused loops: together half of the tests' time. `XLA_FLAGS= make test` tests the code that users run.
_flags = "--xla_backend_optimization_level=0"
if tuple(map(int, version("jaxlib").split(".")[:2])) < (0, 11):  # later ones end the process over an unknown flag
    _flags += " --xla_cpu_use_fusion_emitters=false"
os.environ.setdefault("XLA_FLAGS", _flags)
# Files drawn by tests need no display.
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_unconfigure() -> None:
    if _own_cache is not None:
        shutil.rmtree(_own_cache, ignore_errors=True)


@dataclass
class Compilations:
    """The XLA programs made inside one `compiles` block; those loaded from the persistent cache count too."""

    seconds: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seconds)


_watching: list[Compilations] = []


def _on_event(event: str, seconds: float, **_: object) -> None:
    if event == COMPILE_EVENT:
        for compilations in _watching:
            compilations.seconds.append(seconds)


@pytest.fixture(scope="session")
def _listener() -> None:
    """One listener for the whole session: older JAX has no public way to take a single one away again."""
    import jax.monitoring

    jax.monitoring.register_event_duration_secs_listener(_on_event)


@pytest.fixture
def compiles(_listener: None) -> Callable[..., AbstractContextManager[Compilations]]:
    """Count compilations: `with compiles(at_most=0): clf.fit(X, y)`; `as seen` gives `seen.count`, `seen.seconds`."""

    @contextmanager
    def watch(at_most: int | None = None) -> Iterator[Compilations]:
        compilations = Compilations()
        _watching.append(compilations)
        try:
            yield compilations
        finally:
            _watching[:] = [other for other in _watching if other is not compilations]
        if at_most is not None:
            assert compilations.count <= at_most, (
                f"{compilations.count} XLA programs were compiled in this block, at most {at_most} expected; "
                f"seconds each: {[round(s, 3) for s in compilations.seconds]}"
            )

    return watch
