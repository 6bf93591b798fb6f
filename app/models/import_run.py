"""Uploaded files, and how far the work on each is."""

import json
from datetime import datetime

from peewee import BigIntegerField, BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from app.clock import to_ms
from app.models.audit import Actor
from app.models.base import BaseModel, one_transaction, public_id

DAY_MS = 86_400_000
OF_THE_LAST_STEP = ("problem", "is_refused", "failed", "is_outdated", "refused", "ended")  # of the findings


class LostClaim(Exception):
    """Another process has claimed this work, or finished it."""


class ImportRun(BaseModel):
    """An uploaded file. `kind` is "customers", "invoices", …, or "" while it isn't known.

    A state that ends in "ing" is work for the worker, which claims the row: `claim` is a token for that, `claimed_ms`
    when it began, `tries` how often the row was claimed. Every change of the state is a compare-and-set, so a process
    that died or lost its claim changes nothing. `options` says how to read the file, `result` is the worker's result;
    both are JSON. `digest` is the digest of the preview's rows. `progress` is no longer used, see ImportProgress.
    """

    PLANNING, PLANNED, APPLYING, APPLIED = "planning", "planned", "applying", "applied"
    UNDOING, UNDONE = "undoing", "undone"
    REMOVING = "removing"
    WORK = (PLANNING, APPLYING, UNDOING, REMOVING)

    public_id = CharField(unique=True, default=public_id)
    kind = CharField(default="")
    file_name = CharField()
    sha256 = CharField()
    content = BlobField(null=True)
    size = IntegerField()
    state = CharField(default=PLANNING)
    options = TextField(default="{}")
    result = TextField(default="{}")
    digest = CharField(default="")
    claim = CharField(default="")
    claimed_ms = BigIntegerField(default=0)
    progress = IntegerField(default=0)
    tries = IntegerField(default=0)
    actor = CharField()
    address = CharField(default="")
    created_ms = BigIntegerField()
    applied_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "import_run"
        indexes = ((("state", "id"), False),)

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WORK

    @property
    def is_queued(self) -> bool:
        """Whether no process has begun the work that its state says."""
        return self.is_waiting and not self.claim

    @property
    def choices(self) -> dict:
        return json.loads(self.options)

    @property
    def findings(self) -> dict:
        return json.loads(self.result)

    @property
    def has_begun(self) -> bool:
        """True if a part of the current work is done."""
        return ImportProgress.select().where(ImportProgress.run == self.id, ImportProgress.is_begun).exists()

    @property
    def is_partly_applied(self) -> bool:
        """Whether a part of the file was imported, and the rest not yet."""
        return (self.state == self.APPLYING and self.has_begun) or self.findings.get("is_begun", False)

    @property
    def is_partly_undone(self) -> bool:
        return (self.state == self.UNDOING and self.has_begun) or self.findings.get("is_partly_undone", False)

    @property
    def permanent_findings(self) -> dict:
        """Without those that are about the last step alone."""
        return {name: value for name, value in self.findings.items() if name not in OF_THE_LAST_STEP}

    @property
    def percent(self) -> int:
        """Progress of the current work."""
        return ImportProgress.select(ImportProgress.percent).where(ImportProgress.run == self.id).scalar() or 0

    @property
    def is_forgotten(self) -> bool:
        """True if the file's changes are no longer stored, see `forget_old_imports`."""
        gone = ImportRun.select().where(ImportRun.id == self.id, ImportRun.content.is_null())
        return "columns" not in self.findings or gone.exists()

    @classmethod
    def by_public_id(cls, public_id: str) -> "ImportRun | None":
        return cls._without_content().where(cls.public_id == public_id, cls.state != cls.REMOVING).first()

    @classmethod
    def recent(cls, limit: int) -> list["ImportRun"]:
        return list(cls._without_content().where(cls.state != cls.REMOVING).order_by(cls.id.desc()).limit(limit))

    @classmethod
    def last_choices(cls, kind: str) -> dict:
        """The choices for the last imported file of that kind."""
        imported = cls.select(cls.options).where(cls.kind == kind, cls.state == cls.APPLIED)
        return json.loads(imported.order_by(cls.id.desc()).limit(1).scalar() or "{}")

    @classmethod
    def _without_content(cls):
        """All runs, without the file itself."""
        return cls.select(*[field for field in cls._meta.sorted_fields if field.name != "content"])

    def bytes_of_file(self) -> bytes:
        content = ImportRun.select(ImportRun.content).where(ImportRun.id == self.id).scalar()
        return bytes(content or b"")

    @one_transaction
    def move(self, before: str, after: str, **changes) -> bool:
        """Change the state from `before` to `after`. Returns False if the state is no longer `before`, or if other
        work has begun."""
        is_mine = (ImportRun.id == self.id) & (ImportRun.state == before) & (ImportRun.claim == self.claim)
        values = {"state": after, "claim": "", "claimed_ms": 0, "tries": 0, **changes}
        has_moved = ImportRun.update(values).where(is_mine).execute() == 1
        if has_moved:
            ImportProgress.delete().where(ImportProgress.run == self.id).execute()
        return has_moved

    def finish(self, after: str, **changes) -> None:
        """End the work of this state. Raises LostClaim."""
        if not self.move(self.state, after, **changes):
            raise LostClaim

    def remove(self) -> bool:
        """Hide a file that was never applied; the worker deletes it. Returns False if it is being worked on or was
        applied."""
        return self.applied_ms is None and self.move(self.PLANNED, self.REMOVING, content=None)

    @classmethod
    @one_transaction
    def claim_next(cls, now: datetime) -> "ImportRun | None":
        """Claim the oldest work for this process. Only one process at a time works on imports, so a claim that is
        found here belongs to a process that has ended."""
        token = public_id()
        oldest = cls.select(cls.id).where(cls.state.in_(cls.WORK)).order_by(cls.id).limit(1)
        values = {"claim": token, "claimed_ms": to_ms(now), "tries": cls.tries + 1}
        changed = cls.update(values).where(cls.id.in_(oldest)).execute()
        return cls._without_content().where(cls.claim == token).first() if changed else None

    @classmethod
    def has_work(cls) -> bool:
        return cls.select(cls.id).where(cls.state.in_(cls.WORK)).exists()

    @classmethod
    def at_work(cls) -> "ImportRun | None":
        """The one that a process works on."""
        return cls._without_content().where(cls.state.in_(cls.WORK), cls.claim != "").order_by(cls.id).first()

    def keep_result(self, result: dict) -> None:
        """Call it before the first part of the work. Raises LostClaim."""
        is_mine = (ImportRun.id == self.id) & (ImportRun.claim == self.claim)
        if not ImportRun.update(result=json.dumps(result)).where(is_mine).execute():
            raise LostClaim
        self.result = json.dumps(result)

    def report(self, percent: int, *, has_begun: bool = False) -> None:
        """Record progress: in the transaction of a part, with `has_begun`, or between parts. Raises LostClaim."""
        if not ImportRun.select(ImportRun.id).where(ImportRun.id == self.id, ImportRun.claim == self.claim).exists():
            raise LostClaim
        values = {"run": self.id, "percent": percent, "is_begun": has_begun}
        kept = [ImportProgress.percent, *([ImportProgress.is_begun] if has_begun else [])]
        ImportProgress.insert(values).on_conflict(conflict_target=[ImportProgress.run], preserve=kept).execute()

    @classmethod
    def add(cls, kind: str, file_name: str, content: bytes, sha256: str, actor: Actor, size: int = 0) -> "ImportRun":
        """`content` is encrypted, see `ImportContext.keep`; `size` is that of the file."""
        return cls.create(
            kind=kind,
            file_name=file_name,
            content=content,
            size=size or len(content),
            sha256=sha256,
            actor=actor.email,
            address=actor.address,
            created_ms=to_ms(actor.now),
        )

    @classmethod
    def ids_with_file(cls) -> list[int]:
        return [run.id for run in cls.select(cls.id).where(cls.content.is_null(False))]

    @classmethod
    def content_of(cls, run_id: int) -> bytes | None:
        content = cls.select(cls.content).where(cls.id == run_id).scalar()
        return bytes(content) if content else None

    @classmethod
    def replace_file(cls, run_id: int, content: bytes, other: bytes) -> None:
        """Store `other` instead of `content`, unless the content has changed or is gone."""
        cls.update(content=other).where(cls.id == run_id, cls.content == content).execute()

    @classmethod
    def expired(cls, now: datetime) -> tuple[list["ImportRun"], list["ImportRun"]]:
        """Runs that were uploaded more than a week ago and never applied; and runs that were applied more than 90 days
        ago and still have their file."""
        week, quarter = to_ms(now) - 7 * DAY_MS, to_ms(now) - 90 * DAY_MS
        runs, is_idle = cls._without_content(), cls.state.in_((cls.APPLIED, cls.UNDONE))
        unused = runs.where(cls.applied_ms.is_null(), cls.state == cls.PLANNED, cls.created_ms < week)
        return list(unused), list(runs.where(is_idle, cls.applied_ms < quarter, cls.content.is_null(False)))


class ImportProgress(BaseModel):
    """Progress of the work on a file. It is a table of its own because the run's row contains the file. `is_begun`:
    a part of the work is done."""

    run = ForeignKeyField(ImportRun, unique=True, on_delete="CASCADE")
    percent = IntegerField()
    is_begun = BooleanField()

    class Meta:
        table_name = "import_progress"
