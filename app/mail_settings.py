"""The settings for email: the SMTP server, and the mailbox for bounces."""

from pathlib import Path
from urllib.parse import urlsplit

from app.environment import LOOPBACK, Environment, after_host, without_password


class MailSettings(Environment):
    def smtp_url(self) -> str | None:
        # With an unescaped / or # in the password, the text before it would be read as the host.
        value = self.get("SMTP_URL")
        if value is not None and "@" in after_host(value):
            self.report(
                f"SMTP_URL is {without_password(value)}: write special characters of its user name and password as % "
                "and two digits (@ is %40, : is %3A, / is %2F, # is %23, ? is %3F)."
            )
            return None
        return self.url("SMTP_URL", "smtp", "smtps")

    def smtp_tls(self) -> bool:
        # True if email may leave this machine only encrypted. Passwords are always encrypted.
        is_required = self.choice("SMTP_TLS", "required", "off") == "required"
        url = self.get("SMTP_URL") or ""
        if not is_required and url.startswith("smtp://") and "@" in url and urlsplit(url).hostname not in LOOPBACK:
            self.report(
                "SMTP_TLS is off, and SMTP_URL has a password: it would cross the network in the clear. "
                "Leave SMTP_TLS out, or use a relay that needs no password."
            )
        return is_required

    def bounce_mailbox(self) -> str | None:
        value = self.get("BOUNCE_MAILBOX")
        if value is None or (value.startswith("/") and (Path(value) / "new").is_dir()):
            return value
        try:
            parts = urlsplit(value)
            is_safe = parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOOPBACK)
            is_valid = is_safe and parts.hostname and parts.username and parts.password and parts.port != 0
        except ValueError:
            is_valid = False
        if not is_valid:
            self.report(
                f"BOUNCE_MAILBOX is {without_password(value)}: write it as imaps://user:password@host/INBOX, or "
                "as the path of a Maildir folder that exists."
            )
        return value
