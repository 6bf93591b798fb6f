"""Files that administrators upload, what each would do, what it did, and what was there before."""

import json
from datetime import datetime

from peewee import SQL, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, TextField

from app.clock import to_ms
from app.models.audit import Actor
from app.models.base import BaseModel, one_transaction, public_id


class Overtaken(Exception):
    """Another process has this work by now, or did it."""


class ImportRun(BaseModel):
    """An uploaded file. `kind` is "customers", "invoices" or, as long as it isn't known, "".

    A state that ends in "ing" is work for the worker, which claims the row: `claim` is the token of who works on it,
    `claimed_ms` when that began, `progress` a percentage, `tries` how often it was claimed. Every change of the
    state is compare-and-set, so a process that died, or that another one has overtaken, changes nothing. `options` is
    how to read the file, `result` what the worker says about it, both JSON. `digest` is of the rows of the preview.
    """

    PLANNING, PLANNED, APPLYING, APPLIED = "planning", "planned", "applying", "applied"
    UNDOING, UNDONE = "undoing", "undone"
    WORK = (PLANNING, APPLYING, UNDOING)

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
    def choices(self) -> dict:
        return json.loads(self.options)

    @property
    def findings(self) -> dict:
        return json.loads(self.result)

    @property
    def is_forgotten(self) -> bool:
        """Whether what it changed is no longer kept, see `forget_old`."""
        gone = ImportRun.select().where(ImportRun.id == self.id, ImportRun.content.is_null())
        return "columns" not in self.findings or gone.exists()

    @classmethod
    def with_id(cls, public_id: str) -> "ImportRun | None":
        return cls._light().where(cls.public_id == public_id).first()

    @classmethod
    def recent(cls, limit: int) -> list["ImportRun"]:
        return list(cls._light().order_by(cls.id.desc()).limit(limit))

    @classmethod
    def last_choices(cls, kind: str) -> dict:
        """What was chosen for the last file of that kind that was imported."""
        imported = cls.select(cls.options).where(cls.kind == kind, cls.state == cls.APPLIED)
        return json.loads(imported.order_by(cls.id.desc()).limit(1).scalar() or "{}")

    @classmethod
    def _light(cls):
        """Without the file itself."""
        return cls.select(*[field for field in cls._meta.sorted_fields if field.name != "content"])

    def bytes_of_file(self) -> bytes:
        content = ImportRun.select(ImportRun.content).where(ImportRun.id == self.id).scalar()
        return bytes(content or b"")

    def move(self, before: str, after: str, **changes) -> bool:
        """Change the state from `before` to `after`; False if it is another one by now, or other work has begun."""
        is_mine = (ImportRun.id == self.id) & (ImportRun.state == before) & (ImportRun.claim == self.claim)
        return ImportRun.update(state=after, claim="", claimed_ms=0, tries=0, **changes).where(is_mine).execute() == 1

    def finish(self, after: str, **changes) -> None:
        """The work of this state is done. Raises Overtaken."""
        if not self.move(self.state, after, **changes):
            raise Overtaken

    def remove(self) -> bool:
        """Forget a file that was never applied; False if it is being worked on, or was applied."""
        is_idle = (ImportRun.id == self.id) & (ImportRun.state == self.PLANNED) & ImportRun.applied_ms.is_null()
        return ImportRun.delete().where(is_idle).execute() == 1

    @classmethod
    @one_transaction
    def claim_next(cls, now: datetime) -> "ImportRun | None":
        """The oldest work, claimed for this process. One process at a time works on imports: who claimed it before has
        ended."""
        token = public_id()
        oldest = cls.select(cls.id).where(cls.state.in_(cls.WORK)).order_by(cls.id).limit(1)
        values = {"claim": token, "claimed_ms": to_ms(now), "tries": cls.tries + 1}
        changed = cls.update(values).where(cls.id.in_(oldest)).execute()
        return cls._light().where(cls.claim == token).first() if changed else None

    @classmethod
    def has_work(cls) -> bool:
        return cls.select(cls.id).where(cls.state.in_(cls.WORK)).exists()

    def report(self, progress: int) -> None:
        is_mine = (ImportRun.id == self.id) & (ImportRun.claim == self.claim)
        ImportRun.update(progress=progress).where(is_mine).execute()

    @classmethod
    def add(cls, kind: str, file_name: str, content: bytes, sha256: str, actor: Actor, size: int = 0) -> "ImportRun":
        """Where the `content` is sealed, see `ImportContext.keep`, `size` is that of the file."""
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
        """Keep `other` instead of `content`, unless it has changed or is gone."""
        cls.update(content=other).where(cls.id == run_id, cls.content == content).execute()

    @classmethod
    @one_transaction
    def forget_old(cls, now: datetime) -> None:
        """Files that were never applied end after a week; of the others, the file and what undoes it after 90 days."""
        day_ms = 86_400_000
        week, quarter = to_ms(now) - 7 * day_ms, to_ms(now) - 90 * day_ms
        is_idle = cls.state.in_((cls.APPLIED, cls.UNDONE))
        cls.delete().where(cls.applied_ms.is_null(), cls.state == cls.PLANNED, cls.created_ms < week).execute()
        for run in list(cls._light().where(is_idle, cls.applied_ms < quarter, cls.content.is_null(False))):
            for table in (ImportRow, ImportChange):
                table.delete().where(table.run == run.id).execute()
            kept = {name: value for name, value in run.findings.items() if name not in ("columns", "counts")}
            cls.update(content=None, result=json.dumps(kept)).where(cls.id == run.id).execute()


class ImportRow(BaseModel):
    """A line of a preview. `row` is None for what isn't in the file; `kind` is "customer" or a document's; `changes` is
    JSON, [[field, before, after], …]; so are the `cells` of a bad row, in the order of the file's columns."""

    run = ForeignKeyField(ImportRun, index=False, on_delete="CASCADE")
    position = IntegerField()
    row = IntegerField(null=True)
    outcome = CharField()
    customer_number = CharField()
    kind = CharField()
    number = CharField()
    name = CharField(default="")
    currency = CharField(default="")
    total_minor = BigIntegerField(null=True)
    changes = TextField(default="[]")
    reason = TextField(default="")
    cells = TextField(default="[]", constraints=[SQL("DEFAULT '[]'")])

    class Meta:
        table_name = "import_row"
        indexes = ((("run", "outcome", "position"), False),)

    @property
    def changed(self) -> list:
        return json.loads(self.changes)

    @property
    def cells_of_file(self) -> list[str]:
        return json.loads(self.cells)

    @classmethod
    def correctable(cls, run: ImportRun):
        return cls.of(run).where(cls.cells != "[]")

    @classmethod
    def page(cls, run: ImportRun, outcome: str, number: int, size: int) -> list["ImportRow"]:
        return list(cls.of(run, outcome).offset((number - 1) * size).limit(size))

    @classmethod
    def of(cls, run: ImportRun, outcome: str = ""):
        query = cls.select().where(cls.run == run.id)
        return (query.where(cls.outcome == outcome) if outcome else query).order_by(cls.outcome, cls.position)


class ImportChange(BaseModel):
    """A row of a table that an applied file changed: the values of the columns that `columns` of the run's result
    names, as JSON, before and after. `before` is None for a row that was added, `after` for one that was removed."""

    run = ForeignKeyField(ImportRun, on_delete="CASCADE")
    table_name = CharField()
    row_id = IntegerField()
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        table_name = "import_change"
