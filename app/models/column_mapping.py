"""Which column of an imported file holds which field, as administrators chose it."""

import json

from peewee import SQL, BigIntegerField, CharField, TextField

from app.models.base import BaseModel


class ColumnMapping(BaseModel):
    """`headings` is JSON: {heading: field, or "" for a column that is left out}. `sheet` is the sheet's name for a
    workbook with several sheets, or ""."""

    name = CharField()
    kind = CharField()
    headings = TextField()
    used_ms = BigIntegerField()
    sheet = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "column_mapping"
        indexes = ((("kind", "name"), True),)

    @property
    def fields(self) -> dict[str, str]:
        return json.loads(self.headings)

    @classmethod
    def of_kind(cls, kind: str) -> list["ColumnMapping"]:
        return list(cls.select().where(cls.kind == kind).order_by(cls.used_ms.desc(), cls.id.desc()).limit(200))

    @classmethod
    def keep(cls, name: str, kind: str, headings: dict[str, str], now_ms: int, sheet: str) -> None:
        values = {"headings": json.dumps(headings), "used_ms": now_ms, "sheet": sheet}
        cls.insert(name=name, kind=kind, **values).on_conflict(
            conflict_target=(cls.kind, cls.name), update=values
        ).execute()
