"""Uploads as they are kept for the worker."""

import html

from app.imports.context import OTHER_KEY
from app.models import ImportRun
from app.sealed import MARK
from tests.imports.test_uploads import CUSTOMERS


def test_upload_is_not_kept_in_clear(upload, page, database):
    url = upload(CUSTOMERS)
    run = ImportRun.with_id(url.rpartition("/")[2])
    content = run.bytes_of_file()
    assert content.startswith(MARK) and b"quarry" not in content and b"Customer number" not in content
    assert run.size == len(CUSTOMERS) and "2 new" in page(url)


def test_upload_of_another_secret_key_is_asked_for_again(upload, page, press, database):
    url = upload(CUSTOMERS)
    run = ImportRun.with_id(url.rpartition("/")[2])
    kept = bytearray(run.bytes_of_file())
    kept[-1] ^= 1
    ImportRun.update(content=bytes(kept)).where(ImportRun.id == run.id).execute()
    press(url, "apply")
    assert OTHER_KEY in html.unescape(page(url))
