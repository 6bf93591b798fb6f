"""Fixtures for paying without pages: a portal in this process, and one whose gateway is a separate process."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.support import databases
from tests.support.portal import Portal
from tests.support.processes import GatewayProcess


@pytest.fixture(scope="session")
def memory_folder():
    """A folder in memory if possible: tests check the order of writes, not the disk. A killed process leaves the
    same file there as on a disk; only a power failure would not."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def portal(tmp_path, empty_database, demo_gateway, gateway, clock):
    """A portal without pages, on the demo gateway, in this process."""
    demo_gateway.settle_after = 12 * 3600
    portal = Portal.fresh(tmp_path, empty_database, demo_gateway, gateway, clock)
    yield portal
    portal.close()
    databases.remove(portal.url)


@pytest.fixture(scope="session")
def gateway_process(memory_folder):
    process = GatewayProcess(memory_folder)
    yield process
    process.stop()


@pytest.fixture
def make_portal(memory_folder, empty_database, gateway_process):
    """make_portal(name) makes a portal whose gateway is a separate process, called over real HTTP."""
    made = []

    def make(name="portal") -> Portal:
        folder = Path(tempfile.mkdtemp(dir=memory_folder)) / name
        folder.mkdir()
        clock = FakeClock(datetime.now(UTC))
        made.append(Portal.fresh(folder, empty_database, gateway_process.demo, gateway_process.client(), clock))
        return made[-1]

    yield make
    for portal in made:
        portal.close()
        databases.remove(portal.url)
