from tests.support.payment_fixtures import gateway_process, make_portal, portal, quick_disk  # noqa: F401 (fixtures)
