"""One portal runs on a database: a second one is refused, further processes of the same one are not."""

import os

import pytest

from app.config import ConfigError
from app.storage import locks


@pytest.fixture(autouse=True)
def released():
    yield
    while locks._held:
        os.close(locks._held.pop())


def other(config):
    return config.replace(portal_url="http://localhost:9000")


def test_a_second_portal_on_the_database_is_refused(config):
    locks.run_alone(config)
    with pytest.raises(ConfigError, match=r"A portal already runs on .* at http://localhost \(demo\)"):
        locks.run_alone(other(config))


def test_the_same_portal_started_twice_is_refused_too(config):
    locks.run_alone(config)
    with pytest.raises(ConfigError, match="already runs"):
        locks.run_alone(config)


def test_a_web_server_of_the_running_portal_joins_it(config):
    locks.run_alone(config)
    locks.join(config)


@pytest.mark.parametrize("begin", [locks.run_alone, locks.join])
def test_a_web_server_of_another_portal_is_refused(config, begin):
    begin(config)
    with pytest.raises(ConfigError, match="set INSTANCE_PATH to another folder"):
        locks.join(other(config))


def test_two_web_servers_of_one_portal_run_without_a_supervisor(config):
    locks.join(config)
    locks.join(config)
    with pytest.raises(ConfigError, match="already runs"):
        locks.run_alone(config)
