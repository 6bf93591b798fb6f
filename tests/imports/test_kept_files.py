"""Uploads as they are kept for the worker."""

import html

from app.imports.context import OTHER_KEY, PURPOSE
from app.keys import Keys
from app.models import Deployment, ImportRun
from app.sealed import MARK, unseal
from app.worker.secret_keys import encrypt_again
from tests.imports.test_uploads import CUSTOMERS


def test_upload_is_not_kept_in_clear(upload, page, database):
    url = upload(CUSTOMERS)
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    content = run.bytes_of_file()
    assert content.startswith(MARK) and b"quarry" not in content and b"Customer number" not in content
    assert run.size == len(CUSTOMERS) and "2 new" in page(url)


def test_upload_of_another_secret_key_is_asked_for_again(upload, page, press, database):
    url = upload(CUSTOMERS)
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    kept = bytearray(run.bytes_of_file())
    kept[-1] ^= 1
    ImportRun.update(content=bytes(kept)).where(ImportRun.id == run.id).execute()
    press(url, "apply")
    assert OTHER_KEY in html.unescape(page(url))


def test_upload_is_encrypted_again_with_a_new_secret_key(upload, page, press, database, config, clock):
    url = upload(CUSTOMERS)
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    before, both = run.bytes_of_file(), Keys("another test key that is long enough", (config.secret_key,))
    assert Deployment.accepts(config.keys)
    encrypt_again(both, clock())
    after = run.bytes_of_file()
    assert after.startswith(MARK) and unseal(after, Keys(both.secret), PURPOSE) == unseal(before, config.keys, PURPOSE)
    encrypt_again(both, clock())
    assert run.bytes_of_file() == after
