"""One portal runs on a database: a second one is refused, further processes of the same one are not."""

import os

import pytest

from app.config import ConfigError
from app.storage import running


@pytest.fixture(autouse=True)
def released():
    yield
    while running._held:
        os.close(running._held.pop())


def other(config):
    return config.replace(portal_url="http://localhost:9000")


def test_a_second_portal_on_the_database_is_refused(config):
    running.run_alone(config)
    with pytest.raises(ConfigError, match=r"A portal already runs on .* at http://localhost \(demo\)"):
        running.run_alone(other(config))


def test_the_same_portal_started_twice_is_refused_too(config):
    running.run_alone(config)
    with pytest.raises(ConfigError, match="already runs"):
        running.run_alone(config)


def test_a_web_server_of_the_running_portal_joins_it(config):
    running.run_alone(config)
    running.join(config)


@pytest.mark.parametrize("begin", [running.run_alone, running.join])
def test_a_web_server_of_another_portal_is_refused(config, begin):
    begin(config)
    with pytest.raises(ConfigError, match="set INSTANCE_PATH to another folder"):
        running.join(other(config))


def test_two_web_servers_of_one_portal_run_without_a_supervisor(config):
    running.join(config)
    running.join(config)
    with pytest.raises(ConfigError, match="already runs"):
        running.run_alone(config)
