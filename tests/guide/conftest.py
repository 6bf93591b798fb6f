from tests.company.conftest import company, emailed, everything_off, ruth  # noqa: F401 (fixtures)
