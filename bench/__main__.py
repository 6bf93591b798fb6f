"""`make bench`: measurements on this machine. With a name, only that part, with its own arguments: `make bench
ARGS="load --minutes 1"`."""

import signal
import sys

from bench import deep, documents, flood, import_lock, imports, load, logins, pages, search


def all_parts() -> None:
    for part in (
        pages.main,
        deep.main,
        search.main,
        flood.main,
        logins.main,
        lambda: imports.main(100_000),
        lambda: import_lock.main(20_000),
        documents.main,
    ):
        part()
        print()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
match sys.argv[1:]:
    case []:
        all_parts()
    case ["load", *given]:
        sys.exit(load.main(given))
    case ["deep" | "search" as name, *given]:
        (deep if name == "deep" else search).main(*map(int, given[:1]), *given[1:])
    case [other, *_]:
        sys.exit(f"There is no part {other}: load, deep or search, or without a name all but load.")
