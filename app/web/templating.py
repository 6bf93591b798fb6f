"""Sets up Jinja: whitespace, filters, missing names, and compiled templates."""

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
    """A name that the view didn't pass, or a missing key of a dict, is false. A missing attribute of any other object
    raises UndefinedError, since a misspelled one would silently hide what depends on it."""

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
    """Keeps compiled templates in a folder, which halves the time of the next start. They are compiled again after any
    change of the code, because compiling applies our filters to constants."""

    @cached_property
    def code(self) -> str:
        modules = sorted((ROOT / "app").rglob("*.py"))
        return hashlib.sha256(repr([(str(one), one.stat().st_mtime_ns) for one in modules]).encode()).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self.code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        # If the folder can't be written, templates are compiled at each start, like Python's modules.
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
    """Compile all templates now, so that an upgrade of the files doesn't change a running portal."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
