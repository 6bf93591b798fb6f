"""`make bench`: every figure, measured in this run on this machine."""

from bench import documents, flood, import_lock, imports, logins, pages, search

pages.main(1_000_000)
print()
search.main(100_000)
print()
flood.main()
print()
logins.main()
print()
imports.main(100_000)
print()
import_lock.main(20_000)
print()
documents.main()
