"""How templates are read: whitespace, filters, and what a template may leave out."""

import contextlib
import hashlib
import sys
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from flask import Flask
from jinja2 import FileSystemBytecodeCache, Undefined
from jinja2.bccache import Bucket
from jinja2.utils import missing

from app.config import ROOT
from app.web import formatting
from app.web.static_files import icon


class MissingAttribute(Undefined):
    """A name that a view didn't hand, or a key that a dict lacks, reads as false. An attribute that another object
    lacks raises UndefinedError: a misspelled one would silently hide what depends on it."""

    def _read(self) -> None:
        if self._undefined_obj is not missing and not isinstance(self._undefined_obj, dict):
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._read()
        return super().__bool__()

    def __str__(self) -> str:
        self._read()
        return super().__str__()

    def __eq__(self, other: object) -> bool:
        self._read()
        return super().__eq__(other)

    def __iter__(self):
        self._read()
        return super().__iter__()

    __hash__ = Undefined.__hash__


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder, for the next start: it takes half the time. What was compiled when the code was
    another is not read: constants in a template go through its filters."""

    @cached_property
    def code(self) -> str:
        modules = sorted((ROOT / "app").rglob("*.py"))
        return hashlib.sha256(repr([(str(one), one.stat().st_mtime_ns) for one in modules]).encode()).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self.code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        # Like modules: where nothing can be written, they are compiled at each start.
        with contextlib.suppress(OSError):
            if not sys.dont_write_bytecode:
                super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    app.jinja_env.bytecode_cache = CompiledTemplates(str(Path(__cached__).parent))
    app.jinja_env.undefined = MissingAttribute
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    formatting.init_app(app)
    app.jinja_env.globals["icon"] = icon
    macros = {}
    for file in ("_ui.html", "_controls.html"):
        macros |= vars(app.jinja_env.get_template(file).module)
    app.jinja_env.globals["ui"] = SimpleNamespace(**macros, icon=icon)


def compile_pages(app: Flask) -> None:
    """Read every page's template now, so that an upgrade of the files doesn't reach a portal that runs."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
