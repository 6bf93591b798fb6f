"""The proxies of deploy/, on free ports, with a certificate that the tests trust."""

import os
import re
import shutil
from pathlib import Path

import pytest
import trustme

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
NAME = "pay.example.com"


def require_program(program: str) -> str:
    """The path of a program. If it is missing, the test is skipped with that reason."""
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if not path:
        pytest.skip(f"{program} is not installed")
    return path


def write_certificate(folder: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx_file(folder: Path, portal: int, https: int) -> Path:
    """deploy/nginx.conf inside a configuration that doesn't need root."""
    write_certificate(folder)
    site = replaced(
        (DEPLOY / "nginx.conf").read_text(),
        {
            "listen 80;": f"listen unix:{folder}/http.sock;",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
            "/etc/ssl/pay.example.com.pem": str(folder / "cert.pem"),
            "/etc/ssl/pay.example.com.key": str(folder / "key.pem"),
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{portal};",
            "client_header_timeout 20s;": "client_header_timeout 2s;",
        },
    )
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    file = folder / "nginx.conf"
    file.write_text(
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; daemon off;\n"
        f"events {{}}\nhttp {{ {places} access_log off;\n{site}\n}}\n"
    )
    return file


def caddy_file(folder: Path, portal: int, https: int) -> Path:
    write_certificate(folder)
    text = replaced(
        (DEPLOY / "Caddyfile").read_text(),
        {
            "{$PORTAL_HOST:pay.example.com} {": f"https://{NAME}:{https} {{\n\ttls {folder}/cert.pem {folder}/key.pem",
            "{$UPSTREAM:127.0.0.1:8000}": f"127.0.0.1:{portal}",
            "\tgrace_period 10s": "\tgrace_period 1s",
            "\tservers {": "\tadmin off\n\tauto_https disable_redirects\n\tservers {",
            "read_header 20s": "read_header 2s",
        },
    )
    file = folder / "Caddyfile"
    file.write_text(text)
    return file
