"""Encrypts values again that were encrypted with an earlier secret key."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from app.accounts.two_factor import SEEDS
from app.imports.context import PURPOSE as UPLOADS
from app.keys import Keys
from app.models import Deployment, ImportRun, User
from app.sealed import Unreadable, decrypt, encrypt, seal, unseal


def encrypt_again(keys: Keys, now: datetime) -> None:
    """Encrypt with the newest key. The stored check value changes to the newest key only when all values are done."""
    if keys.earlier:
        for replace in of_earlier_keys(keys):
            replace()
        Deployment.change_key(keys, now)


def of_earlier_keys(keys: Keys) -> Iterator[Callable[[], None]]:
    """Yields a function for each value that only an earlier key can decrypt; the function encrypts it again. Values
    that no key can decrypt are skipped."""
    newest = Keys(keys.secret)
    for user in User.with_seed():
        if seed := earlier(user.totp_secret, decrypt, newest, keys, SEEDS):
            yield partial(user.replace_seed, encrypt(seed, keys, SEEDS))
    for run_id in ImportRun.ids_with_file():
        kept = ImportRun.content_of(run_id)
        if kept and (content := earlier(kept, unseal, newest, keys, UPLOADS)):
            yield partial(ImportRun.replace_file, run_id, kept, seal(content, keys, UPLOADS))


def earlier(kept, read: Callable, newest: Keys, keys: Keys, purpose: str):
    """The content of `kept`, decrypted with `keys`. None if `newest` can decrypt it, or if no key can."""
    try:
        read(kept, newest, purpose)
    except Unreadable:
        try:
            return read(kept, keys, purpose)
        except Unreadable:
            pass
    return None
