"""Results of checks, for the operator."""

from dataclasses import dataclass

OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True)
class Finding:
    """`text` says what is wrong and what to do; if nothing is wrong, what was found."""

    level: str
    subject: str
    text: str = ""


def ok(subject: str, text: str = "") -> Finding:
    return Finding(OK, subject, text)


def warning(subject: str, text: str) -> Finding:
    return Finding(WARNING, subject, text)


def problem(subject: str, text: str) -> Finding:
    return Finding(PROBLEM, subject, text)
