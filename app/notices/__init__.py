"""What customers get by email about their invoices: new invoices, reminders, statements, and Payment Links, which
open an invoice without a login."""


def init_app(app) -> None:
    from app.notices import invoice_mail, payment_link_mail, statement_mail  # noqa: F401 (how they are written again)
    from app.notices.views import (
        email_templates,
        invoice_links,
        mail_stops,
        pay_by_link,  # noqa: F401 (adds routes)
        payment_link,
    )
    from app.web.security import csrf

    invoice_mail.register_resend(app.config["PORTAL"])
    statement_mail.register_resend(app.config["PORTAL"])
    csrf.exempt(mail_stops.update)  # mail programs send it: its signed address is checked instead
    app.register_blueprint(mail_stops.bp)
    app.register_blueprint(payment_link.bp)
    app.register_blueprint(invoice_links.bp)
    app.register_blueprint(email_templates.bp)
