"""The shape of the code, as tests: what lives where, how big it may get, what templates may say."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
SOURCES = sorted((ROOT / "app").rglob("*.py"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
VIEW_LINES = 25
IMAP = "app/mail/mailbox.py"  # its select() chooses a mailbox
QUERIES = {"select", "select_extend", "execute_sql", "raw"}
# No page holds them: what a partial update gets instead of its part when something went wrong, and every page's macros.
INCLUDED_NOWHERE = {"errors/_problem.html", "_controls.html"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def in_folder(path: Path, *folders: str) -> bool:
    return path.relative_to(ROOT / "app").parts[0] in folders


def test_packages_import_downwards_only():
    """The contracts of import-linter in pyproject.toml."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_file_of_the_portal_names_the_emulator():
    """By import or by name, as in a command to start."""
    users = {name(path) for path in SOURCES if "braintree_emulator" in path.read_text()}
    assert users == {"app/demo.py"}


def holds_queries(path: Path) -> bool:
    """Tables, the queries of a package, what an import does to staged rows, and the dialect of a database."""
    return in_folder(path, "models", "imports", "database") or "queries" in (path.stem, path.parent.name)


def test_queries_live_in_the_models():
    found = {
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        if not holds_queries(path) and name(path) != IMAP
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in QUERIES
    }
    assert found == set()


def test_access_has_one_writer():
    """Apart from the model itself, only access_grants and the demo write access."""
    writers = {
        name(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("grant", "invite")
        and isinstance(node.value, ast.Name)
        and node.value.id == "Access"
    }
    assert writers == {"app/customers/access_grants.py", "app/imports/demo.py"}


def test_htmx_headers_are_known_to_one_file():
    users = {
        name(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "HX-" in node.value
    }
    assert users == {"app/web/htmx.py"}


TRANSACTIONS = {"atomic", "transaction", "savepoint", "manual_commit", "begin"}
# The savepoints are for work that is undone on purpose, so that it takes the same time; a database that is restored or
# moved is used by no one else. All else runs again if it is refused.
BEGUN = {
    "app/models/base.py": 2,
    "app/storage/drafts.py": 1,
    "app/storage/moving.py": 1,
    "app/storage/restore.py": 1,
    "app/accounts/links.py": 1,
    "app/accounts/emails.py": 1,
    "app/customers/access_grants.py": 2,
}


def test_a_transaction_is_a_function_that_can_run_again():
    begun = Counter(
        name(path)
        for path in SOURCES
        if not in_folder(path, "database")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TRANSACTIONS
    )
    assert begun == BEGUN


def views():
    """(where, function) of every function that a blueprint routes to."""
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and any(map(is_route, node.decorator_list)):
                yield f"{name(path)}:{node.name}", node


def is_route(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Attribute) and call.attr in ("get", "post", "put", "delete", "route")


def test_views_are_short():
    lengths = {where: node.end_lineno - node.lineno + 1 for where, node in views()}
    assert len(lengths) > 10, "the views were not found"
    assert {where: lines for where, lines in lengths.items() if lines > VIEW_LINES} == {}


def test_access_is_said_directly_above_the_view():
    """Below @bp.get: the other way round, Flask would route to the function without the mark."""
    wrong = {
        where
        for where, node in views()
        if any(
            isinstance(d, ast.Name) and d.id in ("public", "any_login", "staff_only")
            for d in node.decorator_list[: index_of_last_route(node) + 1]
        )
    }
    assert wrong == set()


def index_of_last_route(node: ast.FunctionDef) -> int:
    return max(i for i, decorator in enumerate(node.decorator_list) if is_route(decorator))


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_code_passes_the_linter_and_is_formatted(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Templates


@cache
def references(template: str) -> frozenset[str]:
    """Every template that `template` includes, imports or extends, and what those do in turn."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    parsed = environment.parse((TEMPLATES / template).read_text())
    direct = {found for found in meta.find_referenced_templates(parsed) if found}
    return frozenset(direct | {deep for found in direct for deep in references(found)})


def test_every_partial_is_part_of_a_page():
    pages = [path for path in PAGES if not path.name.startswith("_") or path.name == "_controls.html"]
    used = {found for page in pages for found in references(str(page.relative_to(TEMPLATES)))}
    partials = {str(p.relative_to(TEMPLATES)) for p in PAGES if p.name.startswith("_")}
    assert partials - used == INCLUDED_NOWHERE


def test_a_partial_update_is_a_part_of_its_own_page():
    """render("payments/index.html", "payments/_list.html"): the page includes the fragment."""
    pairs = {
        (node.args[0].value, node.args[1].value)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "render"
        and len(node.args) > 1
        and all(isinstance(a, ast.Constant) for a in node.args[:2])
    }
    assert pairs, "no call of render() was found"
    assert {pair for pair in pairs if not is_part_of(*pair)} == set()


def is_part_of(page: str, fragment: str) -> bool:
    """A fragment that is no partial itself bundles partials of the pages beside it, for several targets at once."""
    siblings = [path for path in (TEMPLATES / fragment).parent.glob("[!_]*.html")]
    around = {found for path in siblings for found in references(str(path.relative_to(TEMPLATES)))}
    bundles = fragment.rpartition("/")[2][0] != "_" and references(fragment) <= around - {fragment}
    return fragment in references(page) or bundles


class Lint(HTMLParser):
    """Collects what a template may not say. Jinja's own marks are blanked out before."""

    REMOVED = {
        "hx-vars",
        "hx-params",
        "hx-prompt",
        "hx-ext",
        "hx-disinherit",
        "hx-inherit",
        "hx-request",
        "hx-history",
        "hx-disabled-elt",
        "hx-boost",
        "hx-on",
    }
    MAIL_MAY = {"style"}

    def __init__(self, is_mail: bool):
        super().__init__()
        self.problems, self.form, self.is_mail = [], None, is_mail

    def say(self, text):
        self.problems.append(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("script", "style") and "src" not in values and not self.is_mail:
            self.say(f"inline <{tag}>")
        for attribute, value in attributes:
            self.check_attribute(tag, attribute, value or "")
        if "hx-get" in values and not {"href", "action"} & set(values) and "hx-trigger" not in values:
            self.say("hx-get without an href or action")
        if "hx-post" in values and "action" not in values and "formaction" not in values:
            self.say("hx-post without an action")
        if tag == "form":
            self.form = {"line": self.getpos()[0], "values": values, "token": False}
            if "action" not in values:
                self.say("a form without an action")
        if self.form and values.get("name") == "csrf_token":
            self.form["token"] = True

    handle_startendtag = handle_starttag

    def check_attribute(self, tag, attribute, value):
        bare = attribute.partition(":")[0]
        if attribute == "style" or attribute.startswith("on"):
            self.say(f"{attribute}=")
        if bare in self.REMOVED:
            self.say(f"{attribute}= is not htmx 4's, or is forbidden here")
        if bare == "hx-delete":
            self.say("hx-delete sends no form fields: use POST")
        if "js:" in value or "javascript:" in value:
            self.say(f"script in {attribute}=")
        if bare == "hx-trigger" and ("[" in value or "queue:" in value):
            self.say("a filter or queue in hx-trigger")
        if re.search(r"htmx:[a-z]+[A-Z]", value):
            self.say(f"an event name of htmx 2 in {attribute}=")

    def handle_endtag(self, tag):
        if tag == "form" and self.form:
            method = (self.form["values"].get("method") or "get").lower()
            if method == "post" and not self.form["token"]:
                self.say(f"the form of line {self.form['line']} has no csrf_token")
            self.form = None


HTMX_REQUESTS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"}
INHERITABLE = {
    "hx-confirm",
    "hx-headers",
    "hx-include",
    "hx-indicator",
    "hx-push-url",
    "hx-select",
    "hx-swap",
    "hx-sync",
    "hx-target",
    "hx-vals",
    "hx-disable",
}


class Inheritance(HTMLParser):
    """htmx 4 inherits only with `:inherited`: such an attribute alone, without a request, does nothing."""

    def __init__(self):
        super().__init__()
        self.problems = []

    def handle_starttag(self, tag, attributes):
        names = {attribute for attribute, _ in attributes}
        if tag != "hx-partial" and not names & HTMX_REQUESTS and names & INHERITABLE:
            self.problems.append(f"line {self.getpos()[0]}: {names & INHERITABLE} without a request")

    handle_startendtag = handle_starttag


def markup_of(path: Path) -> str:
    """The template as HTML: Jinja's comments are gone, expressions a word, statements blank."""
    source = re.sub(r"\{#.*?#\}", lambda m: "\n" * m[0].count("\n"), path.read_text(), flags=re.S)
    source = re.sub(r"\{%.*?%\}", lambda m: "\n" * m[0].count("\n"), source, flags=re.S)
    return re.sub(r"\{\{.*?\}\}", "x", source, flags=re.S)


def lint(markup: str, is_mail: bool = False) -> list[str]:
    problems = []
    for linter in (Lint(is_mail), Inheritance()):
        linter.feed(markup)
        linter.close()
        problems += linter.problems
    return problems


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_keep_the_rules(path):
    assert lint(markup_of(path), is_mail=path.parent.name == "mail") == []


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        '<p onclick="x()">',
        '<p hx-on:click="x()">',
        "<script>x()</script>",
        "<style>p{}</style>",
        '<a href="javascript:x">',
        '<a href="x" hx-get="x" hx-vals="js:{}">',
        '<input hx-get="x">',
        '<form method="post" action="x"></form>',
        '<form method="get"></form>',
        '<button hx-post="x">',
        '<p hx-get="x" hx-trigger="click[ctrlKey]">',
        '<div hx-disabled-elt="this">',
        '<div hx-headers="{}">',
        '<a href="x" hx-delete="x">',
        '<div hx-boost="true">',
        '<a href="x" hx-get="x" data-on="htmx:afterSwap">',
    ],
)
def test_the_lint_finds_what_it_is_for(markup):
    assert lint(markup) != []


TEMPLATE_COLUMNS, TEMPLATE_LINES = 140, 80
# Openers and closers of what may be indented: statements with an end, and elements.
NESTED = re.compile(
    r"\{%[-+]?\s*(?P<end>end|(?=el(?:if|se)\b))?(?P<stmt>if|for|block|macro|with|autoescape|elif|else)\b.*?%\}"
    r"|<(?P<close>/)?(?P<tag>div|section|form|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|p|main|header|footer|nav|aside)\b"
    r"(?:\{\{.*?\}\}|\{%.*?%\}|\{(?![{%])|[^>{])*>",
    re.S,
)


def layout_problems(text: str) -> list[str]:
    """Long files and lines, trailing space, tabs, and ends that are not below their beginnings."""
    lines = text.splitlines()
    found = [f"{len(lines)} lines"] if len(lines) > TEMPLATE_LINES else []
    found += [f"line {n}: {len(line)} columns" for n, line in enumerate(lines, 1) if len(line) > TEMPLATE_COLUMNS]
    found += [
        f"line {n}: trailing space or a tab" for n, line in enumerate(lines, 1) if line != line.rstrip() or "\t" in line
    ]
    return found + misplaced_ends(re.sub(r"\{#.*?#\}", lambda m: re.sub(r"\S", "x", m[0]), text, flags=re.S))


def misplaced_ends(text: str) -> list[str]:
    """Ends that begin a line in another column than their beginning, and contents that aren't deeper than it."""
    found, stack = [], []
    for match in NESTED.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        column = match.start() - start if not text[start : match.start()].strip() else None
        where = f"line {text.count(chr(10), 0, match.start()) + 1}: {match[0][:40]}"
        is_end = bool(match["close"]) or match["end"] is not None
        if is_end and stack:
            begin = stack.pop()
            if column is not None and begin is not None and column != begin:
                found.append(f"{where} is not below its beginning")
        elif column is not None and stack and stack[-1] is not None and column <= stack[-1]:
            found.append(f"{where} is not deeper than what holds it")
        if not is_end or match["stmt"] in ("elif", "else"):
            stack.append(column)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_are_formatted(path):
    assert layout_problems(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "x" * 141,
        "<p>x</p> ",
        "\t<p>",
        "{% if a %}\n  <p>\n    x\n</p>\n{% endif %}",
        "{% if a %}\n  x\n  {% endif %}",
        "<ul>\n<li>x</li>\n</ul>",
        "<p>x</p>\n" * 81,
    ],
)
def test_the_check_of_the_layout_finds_what_it_is_for(text):
    assert layout_problems(text) != []


def scripts() -> list[Path]:
    return sorted((ROOT / "static/js").glob("*.js"))


def test_scripts_import_nothing():
    """An imported file's address would lack the hash of its content, and one blocked file would stop the others."""
    assert {name(path) for path in scripts() if re.search(r"\bimport\b\s*[\w{*('\"]", path.read_text())} == set()


def test_every_script_is_loaded_by_a_template():
    loading = ("_assets.html", "_card.html", "_passkey_form.html")
    sources = {path.name: path.read_text() for path in PAGES if path.name in loading}
    loaded = set(re.findall(r"js/(\w+)\.js", "".join(sources.values())))
    loaded |= set(re.findall(r"'(\w+)'", re.search(r"for name in \((.*?)\)", sources["_assets.html"], re.S)[1]))
    assert loaded == {path.stem for path in scripts()}


def test_scripts_use_the_events_of_htmx_4():
    old = {
        name(path)
        for path in scripts()
        if re.search(r"htmx:[a-z]+[A-Z]|\beval\(|new Function|\.innerHTML\s*=", path.read_text())
    }
    assert old == set()


def css_problems(text: str) -> list[str]:
    """Lines over 120 columns, and rules that have more than three declarations in a line."""
    lines = list(enumerate(text.splitlines(), 1))
    return [f"line {n}: {line[:60]}" for n, line in lines if len(line) > 120 or line.count(";") > 3]


def test_the_style_sheet_is_readable():
    assert css_problems((ROOT / "static/css/app.css").read_text()) == []


def test_the_check_of_the_style_sheet_finds_a_crowded_rule():
    assert css_problems(".a { b: c; d: e; f: g; h: i; }") and css_problems(f".a {{ b: {'c' * 120}; }}")


TESTS = sorted(path for folder in ("tests", "braintree_emulator/tests") for path in (ROOT / folder).rglob("*.py"))
PATCHES = {"setattr", "setitem", "delattr", "delitem", "patch"}


def imported_from_the_portal(test: Path) -> set[str]:
    """The names of what a test imports from app/."""
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree(test))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if f"{node.module if isinstance(node, ast.ImportFrom) else alias.name}.".startswith("app.")
    }


def is_of_the_portal(node: ast.AST, imported: set[str]) -> bool:
    """`app.x.y` as a string, or an attribute of a name that was imported."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.startswith("app.")
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in imported


def patched(test: Path):
    imported = imported_from_the_portal(test)
    for node in ast.walk(tree(test)):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in PATCHES and is_of_the_portal(node.args[0], imported):
                yield f"{name(test)}:{node.lineno}"
        elif isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and is_of_the_portal(target, imported):
                    yield f"{name(test)}:{node.lineno}"


def test_tests_patch_nothing_inside_the_portal():
    """Time, the gateway and limits are handed in; faults come from outside, such as `tests/support/statements.py`."""
    assert [where for test in TESTS for where in patched(test)] == []
