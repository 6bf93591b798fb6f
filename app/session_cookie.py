"""The signed cookie that holds Flask's session: its signature is checked once, not with every request."""

import time
from functools import cached_property, lru_cache

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

KEPT = 1024
LONGEST = 4096  # no browser sends a longer one; but what follows a signature may be padding of any length
FLAT = (str, int, type(None))


class SessionCookie(SecureCookieSessionInterface):
    """Flask's own, format and all, with one key and one serializer for one app."""

    def get_signing_serializer(self, app) -> URLSafeTimedSerializer:
        kept = app.extensions.get("session_serializer")
        if kept is None:
            kept = Serializer(app.secret_key, salt=self.salt, serializer=self.serializer, signer_kwargs={
                "key_derivation": self.key_derivation, "digest_method": self.digest_method})  # fmt: skip
            app.extensions["session_serializer"] = kept
        return kept

    def save_session(self, app, session, response) -> None:
        """What wasn't changed isn't sent again; that pages vary with it, security.set_headers says of all."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)


class Serializer(URLSafeTimedSerializer):
    """Remembers what the latest cookies were found to say. Whether one is too old is asked each time."""

    def loads(self, s, max_age=None, **options):
        """Raises BadSignature, as the parent does."""
        if max_age is None or options or len(s) > LONGEST:
            return super().loads(s, max_age=max_age, **options)
        values, signed_at, is_flat = self.verified(s)
        if is_flat and 0 <= time.time() - signed_at <= max_age:
            return values.copy()
        return super().loads(s, max_age=max_age)  # says what is wrong, or makes lists that may be changed

    @cached_property
    def verified(self):
        """A cookie's values, when it was signed (seconds since 1970), and whether a shallow copy is a copy."""

        @lru_cache(KEPT)
        def verified(cookie: str) -> tuple[dict, float, bool]:
            values, signed_at = super(Serializer, self).loads(cookie, return_timestamp=True)
            return values, signed_at.timestamp(), all(isinstance(value, FLAT) for value in values.values())

        return verified
