"""`flask doctor`."""

import os

import click

from app.clock import system_clock
from app.health.doctor import examine
from app.health.findings import OK, PROBLEM, WARNING

MARKS = {OK: "ok      ", WARNING: "warning ", PROBLEM: "PROBLEM "}


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Contact no other machine: not Braintree, the mail server or PORTAL_URL.")
def doctor_command(offline: bool):
    """Check the whole installation, and say what to do. Exits with status 1 if something is wrong."""
    levels = []
    for finding in examine(os.environ, system_clock, offline=offline):
        levels.append(finding.level)
        click.echo(f"{MARKS[finding.level]}{finding.subject}{': ' * bool(finding.text)}{finding.text}")
    problems, warnings = levels.count(PROBLEM), levels.count(WARNING)
    click.echo(f"Checked: {len(levels)}, problems: {problems}, warnings: {warnings}.")
    if problems:
        raise SystemExit(1)
