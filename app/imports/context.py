"""What the worker passes to the steps of an import, and how uploads are stored until then."""

from typing import NamedTuple

from app.accounts.hashing import Hasher
from app.clock import Clock
from app.imports.parts import MAX_ROWS
from app.imports.report import FileProblem
from app.keys import Keys
from app.models import ImportRun
from app.models.audit import Actor
from app.sealed import Unreadable, seal, unseal

PURPOSE = "uploads"
OTHER_KEY = "The file was uploaded while the portal had another SECRET_KEY, and can no longer be read. Upload it again."


class ImportContext(NamedTuple):
    clock: Clock
    portal_url: str
    keys: Keys
    hasher: Hasher
    most_rows: int = MAX_ROWS  # of a file, in one transaction

    @classmethod
    def of(cls, app) -> "ImportContext":
        config = app.config["PORTAL"]
        return cls(app.extensions["clock"], config.portal_url, config.keys, app.extensions["hasher"])

    def keep(self, kind: str, file_name: str, content: bytes, sha256: str, actor: Actor) -> ImportRun:
        """Store an upload for the worker. It is encrypted, because it may contain passwords."""
        return ImportRun.add(kind, file_name, seal(content, self.keys, PURPOSE), sha256, actor, len(content))

    def content_of(self, run: ImportRun) -> bytes:
        """Raises FileProblem."""
        try:
            return unseal(run.bytes_of_file(), self.keys, PURPOSE)
        except Unreadable as error:
            raise FileProblem(OTHER_KEY) from error
