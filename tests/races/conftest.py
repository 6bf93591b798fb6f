from tests.support.payment_fixtures import portal  # noqa: F401 (a fixture)
