"""Introducing faults into a copy of the code. Tests must catch them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.config import ROOT

PARTS = ("app", "bin", "braintree_emulator", "migrations", "static", "templates", "tests", "pyproject.toml")
Changes = list[tuple[str, str, str]]  # (file, text, what it becomes)


def copy_to(folder: Path) -> Path:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "assets", "browser")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    return folder


def run(folder: Path, files: tuple[str, ...], which: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    return subprocess.run(
        [*command, *files, "-k", which],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder), **environment},
    )


def texts_with_fault(folder: Path, changes: Changes) -> dict[str, tuple[str, str]]:
    """{file: (its text, its text with the fault)}"""
    texts: dict[str, tuple[str, str]] = {}
    for path, text, becomes in changes:
        original, now = texts.setdefault(path, ((folder / path).read_text(),) * 2)
        assert now.count(text) == 1, f"{text!r} is {now.count(text)} times in {path}"
        texts[path] = original, now.replace(text, becomes)
    return texts


def assert_caught(folder: Path, changes: Changes, files: tuple[str, ...], which: str, **environment: str) -> str:
    """Raise AssertionError unless exactly one of the tests fails with the fault. Returns the tests' output."""
    texts = texts_with_fault(folder, changes)
    try:
        for path, (_, now) in texts.items():
            (folder / path).write_text(now)
        result = run(folder, files, which, **environment)
    finally:
        for path, (original, _) in texts.items():
            (folder / path).write_text(original)
    caught = [line for line in result.stdout.splitlines() if line.startswith("FAILED tests")]
    assert result.returncode == 1 and len(caught) == 1, f"not caught: {result.stdout}"
    return result.stdout
