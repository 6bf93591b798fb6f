"""Reads environment variables and collects a message for each that is wrong."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

LOCAL = "127.0.0.1"
LOOPBACK = {LOCAL, "localhost", "::1"}
HOST = re.compile(r"[\w.-]+|[0-9a-f:.%]+", re.IGNORECASE)


class Environment:
    def __init__(self, env: Mapping[str, str]):
        self.env = env
        self.problems: list[str] = []

    def report(self, problem: str) -> None:
        self.problems.append(problem)

    def get(self, name: str) -> str | None:
        return (self.env.get(name) or "").strip() or None

    def require(self, name: str, advice: str) -> None:
        if self.get(name) is None:
            self.report(f"{name} is missing: {advice}.")

    def choice(self, name: str, *allowed: str) -> str:
        """One of `allowed`. The first is the default."""
        value = self.get(name) or allowed[0]
        if value in allowed:
            return value
        self.report(f"{name} is {value!r}: set it to one of {', '.join(allowed)}.")
        return allowed[0]

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            self.report(f"{name} is {value!r}: set it to a whole number from {low} to {high}.")
            return default
        return int(value)

    def matching(self, name: str, pattern: str, advice: str) -> str | None:
        value = self.get(name)
        if value is not None and not re.fullmatch(pattern, value):
            self.report(f"{name} is {value!r}: {advice}.")
        return value

    def url(self, name: str, *schemes: str) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            is_valid = parts.scheme in schemes and HOST.fullmatch(parts.hostname or "") and parts.port != 0
        except ValueError:
            is_valid = False
        if is_valid:
            return value.rstrip("/")
        self.report(f"{name} is {without_password(value)}: set it to a URL that starts with {schemes[0]}://.")
        return None


def after_host(url: str) -> str:
    return "".join(re.split("([/?#])", url.partition("://")[2], maxsplit=1)[1:])


def without_password(url: str) -> str:
    """The URL without its user and password, so that it can be printed."""
    return repr(re.sub("//.*@", "//…@", url))
