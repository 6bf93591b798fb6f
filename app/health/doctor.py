"""Runs all checks of an installation."""

from collections.abc import Iterator, Mapping

from peewee import PeeweeException

from app.clock import Clock
from app.config import Config, is_postgres
from app.database import open_database
from app.extensions import db
from app.health import amounts, live, place, reach
from app.health.findings import PROBLEM, Finding, problem
from app.models import Company
from app.payments.cashier import Cashier
from app.storage.server_errors import database_error_text
from app.web.static_files import all_files


def examine(env: Mapping[str, str], clock: Clock, *, offline: bool = False) -> Iterator[Finding]:
    """Stops at a problem that makes the next checks impossible. With `offline`, doesn't contact other machines."""
    config, found = place.settings(env)
    yield from found
    if config is None:
        return
    is_server = is_postgres(config.database_url)
    database = place.database_server(config, clock()) if is_server else place.database_file(config)
    found = [*place.folder(config), *place.static_files(all_files()), *database]
    yield from found
    if all(finding.level != PROBLEM for finding in found):
        yield from examine_database(config, clock, offline)


def examine_database(config: Config, clock: Clock, offline: bool) -> Iterator[Finding]:
    from app.payments.gateway.braintree_gateway import BraintreeGateway

    database = open_database(config.database_url)
    db.initialize(database)
    try:
        with database.connection_context():
            found = list(live.checks(config, database, clock()))
            yield from found
            if any(finding.subject == "Schema" and finding.level == PROBLEM for finding in found):
                return
            yield from amounts.checks(database)
            if not offline:
                gateway = BraintreeGateway.from_config(config)
                yield from reach.checks(config, Cashier(gateway, clock, config, Company.current()))
    except PeeweeException as error:
        yield problem("Database", database_error_text(error, config))
