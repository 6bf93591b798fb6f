"""Customers, their records and the people who have access to them."""


def init_app(app) -> None:
    from app.customers import cli
    from app.customers.views import (  # noqa: F401 (add routes)
        access,
        bp,
        bulk_access,
        colleagues,
        decision,
        impersonation,
        index,
        memberships,
        people,
        record,
        record_documents,
    )

    for blueprint in (bp, colleagues.bp, memberships.bp, impersonation.bp):
        app.register_blueprint(blueprint)
    cli.init_app(app)
