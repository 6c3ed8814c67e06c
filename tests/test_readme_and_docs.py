"""Every code block that README.md and docs/ show is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LAMINA_COMMAND = re.compile(r"(?:^|[\s/])lamina (\w[\w-]*)", re.MULTILINE)
RUN_FOLDER = {"model.lamina", "history.csv", "metrics.json", "curves.png", "report.html"}


def blocks(page: Path, *languages: str) -> list[tuple[int, str]]:
    """The fenced blocks of a page in these languages, each with the line it starts at."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, match.start(2)) + 1, match.group(2))
        for match in FENCE.finditer(text)
        if match.group(1) in languages
    ]


def shell_lines(page: Path) -> list[str]:
    """The command lines of a page's shell blocks: in a block with prompts those after `$`, else all."""
    found = []
    for _, block in blocks(page, "console", "bash", "sh"):
        lines = block.splitlines()
        prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        found += prompted or [line for line in lines if line.strip() and not line.startswith("#")]
    return found


def lamina(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as the installed script does, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
    code = "import sys; from lamina.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for line, block in blocks(page, "python"):
        # The padding makes a traceback name the line of the page.
        exec(compile("\n" * (line - 1) + block, str(page), "exec"), namespace)


def test_readme_shows_python_and_exactly_two_set_up_commands():
    assert blocks(ROOT / "README.md", "python")
    assert sum("-m venv" in line for line in shell_lines(ROOT / "README.md")) == 2


def test_commands_shown_exist(tmp_path):
    shown = {name for page in PAGES for line in shell_lines(page) for name in LAMINA_COMMAND.findall(line)}
    assert "fit" in shown
    for name in sorted(shown):
        done = lamina(name, "--help", cwd=tmp_path)
        assert done.returncode == 0, f"`lamina {name}` is shown in the docs and does not exist:\n{done.stderr}"


def test_main_job_writes_its_run_folder(tmp_path):
    done = lamina("fit", "digits", "--max-iter", "2", "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "run").iterdir()} >= RUN_FOLDER
