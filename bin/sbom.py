"""`make sbom`: the parts that the portal runs with, as CycloneDX 1.6, on standard output.

Packages are those of requirements.txt that this platform needs, as they are installed; files that the repository holds
unmodified are named by their SHA256SUMS.
"""

import json
import re
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = [  # list of files, the folder it is about, how their names begin, the part they are of, its SPDX license
    ("static/vendor/SHA256SUMS", "static", "vendor/htmx-", "htmx.org", "0BSD"),
    ("static/vendor/SHA256SUMS", "static", "vendor/braintree-web-", "braintree-web", "MIT"),
    ("static/vendor/SHA256SUMS", "static", "fonts/figtree-", "Figtree", "OFL-1.1"),
    ("app/documents/font_files/SHA256SUMS", "app/documents/font_files", "NotoSans", "Noto Sans", "OFL-1.1"),
]


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    portal = {"type": "application", "bom-ref": "portal", "name": project["name"], "version": project["version"]}
    packages = [package(found) for found in installed()]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {"timestamp": datetime.now(UTC).isoformat(timespec="seconds"), "component": portal},
        "components": [*packages, *(bundled(*part) for part in BUNDLED)],
    }
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


def installed() -> list[Distribution]:
    names = re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return [found for name in names if (found := distribution_of(name))]


def distribution_of(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:  # it is for another platform: bin/environment has installed what this one needs
        return None


def package(found: Distribution) -> dict:
    name = re.sub(r"[-_.]+", "-", found.name).lower()
    purl = f"pkg:pypi/{name}@{found.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": found.version,
        "purl": purl,
        "licenses": licenses(found),
    }


def licenses(found: Distribution) -> list[dict]:
    """As an SPDX expression where the package says one, else in its own words, else the text that it brings."""
    if expression := found.metadata["License-Expression"]:
        return [{"expression": expression}]
    classifiers = [c for c in found.metadata.get_all("Classifier", []) if c.startswith("License :: ")]
    names = [c.rpartition(" :: ")[2] for c in classifiers] or [(found.metadata["License"] or "").partition("\n")[0]]
    if any(names):
        return [{"license": {"name": name}} for name in names]
    texts = [file.read_text() for file in found.files or [] if "licenses" in file.parts]
    return [{"license": {"name": "license of the package", "text": {"content": text}}} for text in texts]


def bundled(listing: str, folder: str, start: str, name: str, spdx: str) -> dict:
    lines = [line.split() for line in (ROOT / listing).read_text().splitlines()]
    files = [(digest, file) for digest, file in lines if file.startswith(start)]
    version = re.match(r"[\d.]*\d|", files[0][1].removeprefix(start))[0]
    npm = {"version": version, "purl": f"pkg:npm/{name}@{version}"} if version else {}
    parts = [
        {"type": "file", "name": f"{folder}/{file}", "hashes": [{"alg": "SHA-256", "content": digest}]}
        for digest, file in files
    ]
    return {"type": "library", "name": name, **npm, "licenses": [{"license": {"id": spdx}}], "components": parts}


if __name__ == "__main__":
    main()
