import pytest

from tests.support.code_faults import copy_to
from tests.support.payment_fixtures import gateway_process, make_portal, memory_folder, portal  # noqa: F401 (fixtures)


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """A copy of what the tests need, to damage."""
    return copy_to(tmp_path_factory.mktemp("faulty"))
