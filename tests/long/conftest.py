import pytest

from tests.support.payment_fixtures import gateway_process, make_portal, portal, quick_disk  # noqa: F401 (fixtures)
from tests.support.spoiling import copy_to


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """A copy of what the tests need, to spoil."""
    return copy_to(tmp_path_factory.mktemp("spoiled"))
