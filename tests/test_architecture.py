"""The architecture script: it passes on this repository and catches each kind of violation."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("check_architecture", ROOT / "tools" / "check_architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def house(tmp_path):
    """A small house in order; a test breaks one thing in it."""
    write(tmp_path, "src/lamina/__init__.py", "from lamina.neural_network import MLPClassifier\n")
    write(tmp_path, "src/lamina/errors.py", "class LaminaError(Exception): ...\n")
    write(tmp_path, "src/lamina/engine/__init__.py", '"""Doc."""\nfrom .loop import fit\n__all__ = ["fit"]\n')
    write(
        tmp_path, "src/lamina/engine/loop.py", "from lamina.errors import LaminaError\nfrom ..callbacks import base\n"
    )
    write(tmp_path, "src/lamina/callbacks/base.py", "import numpy\nfrom lamina import errors\n")
    write(
        tmp_path,
        "src/lamina/neural_network.py",
        "from lamina.engine import fit\ndef save():\n    from lamina.persistence import write\n",
    )
    write(tmp_path, "src/lamina/persistence.py", "import lamina.neural_network\n")
    write(tmp_path, "tests/engine/test_loop.py", "")
    write(tmp_path, "tests/engine/conftest.py", "")
    write(tmp_path, "tests/test_engine.py", "")
    write(tmp_path, "tests/parity/test_anything.py", "")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_this_repository_is_in_order(script):
    assert script.check(ROOT) == []


def test_a_house_in_order_passes(script, house):
    assert script.check(house) == []
    assert script.main([str(house)]) == 0


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("src/lamina/errors.py", "from lamina.engine.loop import fit\n", "'errors' imports 'engine'"),
        ("src/lamina/errors.py", "import lamina.engine.loop\n", "'errors' imports 'engine'"),
        ("src/lamina/errors.py", "from .engine import loop\n", "'errors' imports 'engine'"),
        ("src/lamina/errors.py", "from lamina import engine\n", "'errors' imports 'engine'"),
        ("src/lamina/callbacks/stop.py", "from ..engine import loop\n", "'callbacks' imports 'engine'"),
        ("src/lamina/callbacks/stop.py", "from .. import engine\n", "'callbacks' imports 'engine'"),
        ("src/lamina/errors.py", "try:\n    import lamina.cli\nexcept ImportError:\n    pass\n", "imports 'cli'"),
        ("src/lamina/errors.py", "try:\n    x = 1\nexcept OSError:\n    import lamina.cli\n", "imports 'cli'"),
        ("src/lamina/errors.py", "class A:\n    import lamina.cli\n", "imports 'cli'"),
        ("src/lamina/neural_network.py", "from lamina.persistence import write\n", "imports 'persistence'"),
        ("src/lamina/engine/step.py", "from lamina import MLPClassifier\n", "package root"),
        ("src/lamina/engine/__init__.py", "LIMIT = 3\n", "only re-exports"),
        ("src/lamina/engine/__init__.py", "def fit(): ...\n", "only re-exports"),
        ("src/lamina/attic.py", "", "on no floor"),
        ("src/lamina/engine/utils.py", "", "says nothing"),
        ("tests/misc/conftest.py", "", "says nothing"),
        ("tests/engine/test_nothing.py", "", "mirrors no source"),
        ("tests/test_loop.py", "", "mirrors no source"),
    ],
)
def test_a_violation_is_caught(script, house, name, text, complaint):
    write(house, name, text)
    problems = script.check(house)
    assert len(problems) == 1
    assert problems[0].startswith((f"{name}:", "tests/misc:"))
    assert complaint in problems[0]
    assert script.main([str(house)]) == 1
