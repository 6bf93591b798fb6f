"""The administrator's side of customers: the list, each record, and who has access to it."""


def init_app(app) -> None:
    from app.customers import (  # noqa: F401 (they add their routes)
        access,
        decision,
        documents,
        granting,
        index,
        login_help,
        record,
    )
    from app.customers.blueprint import bp

    app.register_blueprint(bp)
