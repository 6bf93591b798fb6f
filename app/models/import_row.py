"""The preview of an uploaded file, and the rows that importing it has changed."""

import json
from datetime import datetime

from peewee import SQL, BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from app.models.base import BaseModel, db
from app.models.import_run import ImportRun

ROWS_AT_ONCE = 5_000


def forget_old_imports(now: datetime) -> None:
    """Delete files that were never applied after a week; of applied ones, delete the file and the values needed to undo
    it after 90 days."""
    unused, applied = ImportRun.expired(now)
    for run in unused:
        run.remove()
    for run in applied:
        kept = {name: value for name, value in run.findings.items() if name not in ("columns", "counts")}
        if run.move(run.state, run.state, result=json.dumps(kept)):  # so that it is forgotten from now on
            forget_all(ImportRow, run)
            forget_all(ImportChange, run)
            ImportRun.update(content=None).where(ImportRun.id == run.id).execute()


def forget_all(table: "type[ImportRow | ImportChange]", run: ImportRun) -> None:
    """Delete the rows of the run in batches, because other writers wait for each one."""
    some = table.select(table.id).where(table.run == run.id).limit(ROWS_AT_ONCE)
    while table.delete().where(table.id.in_(some)).execute() == ROWS_AT_ONCE:
        db.yield_to_writers()


class ImportRow(BaseModel):
    """A line of a preview. `row` is None for a document that isn't in the file; `kind` is "customer" or the kind of
    a document. `changes` is JSON, [[field, before, after], …]. `cells` are the cells of a bad row, also JSON, in the
    order of the file's columns."""

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
    def forget(cls, run: ImportRun) -> None:
        forget_all(cls, run)

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
    """A row of a table that an applied file changed. `before` and `after` are JSON: the values of the columns that
    the run's result lists. `before` is None for an added row, `after` for a deleted one. No row is in two parts;
    rows of a part refer only to rows of the same or earlier parts."""

    run = ForeignKeyField(ImportRun, on_delete="CASCADE")
    table_name = CharField()
    row_id = IntegerField()
    before = TextField(null=True)
    after = TextField(null=True)
    part = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "import_change"
        indexes = ((("run", "part"), False),)

    @classmethod
    def parts(cls, run: ImportRun) -> list[int]:
        return list(cls.select(cls.part).where(cls.run == run.id).distinct().order_by(cls.part.desc()).scalars())
