"""Compress the static files into the environment that runs this, each named by the hash of its content.

bin/environment runs it. What is there already is left as it is, also while a portal serves it.
"""

import gzip
import hashlib
import os
import sys
from pathlib import Path

import brotli

STATIC = Path(__file__).resolve().parent.parent / "static"
COMPRESSED = Path(sys.prefix, "static")
PACKERS = {".br": brotli.compress, ".gz": lambda body: gzip.compress(body, 9, mtime=0)}

COMPRESSED.mkdir(exist_ok=True)
for file in STATIC.rglob("*"):
    if file.suffix not in (".css", ".js", ".svg"):
        continue
    body = file.read_bytes()
    for ending, pack in PACKERS.items():
        place = COMPRESSED / f"{hashlib.sha256(body).hexdigest()}{ending}"
        if not place.exists():
            unfinished = place.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(pack(body))
            unfinished.rename(place)
