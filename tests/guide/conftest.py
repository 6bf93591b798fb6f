from tests.company.conftest import company, emailed, everything_off  # noqa: F401 (fixtures)
