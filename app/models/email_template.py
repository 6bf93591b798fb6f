"""Texts of emails that administrators changed. Emails without a row have the standard text: app/mail/texts.py."""

from peewee import CharField, TextField

from app.models.audit import Actor, Audit
from app.models.base import BaseModel, one_transaction


class EmailTemplate(BaseModel):
    """`kind` is a key of app/mail/texts.KINDS."""

    kind = CharField(unique=True)
    subject = CharField()
    opening = TextField()
    closing = TextField()

    class Meta:
        table_name = "email_template"

    @classmethod
    def of(cls, kind: str) -> "EmailTemplate | None":
        return cls.get_or_none(cls.kind == kind)

    @classmethod
    def changed_kinds(cls) -> set[str]:
        return set(cls.select(cls.kind).scalars())

    @one_transaction
    def change(self, actor: Actor, about: str, texts: dict[str, str]) -> bool:
        """Set texts by column, and write an audit line with `about` as its subject. Returns False if nothing
        differs. One transaction."""
        was = {name: self.__data__[name] for name, text in texts.items() if self.__data__[name] != text}
        if not was:
            return False
        self.__data__.update(texts)
        self.save()
        Audit.write_by(actor, "email_text_set", about, was=was, to={name: texts[name] for name in was})
        return True

    @classmethod
    @one_transaction
    def reset(cls, kind: str, actor: Actor, about: str) -> bool:
        """Returns False if the text is already the standard one. One transaction."""
        if not cls.delete().where(cls.kind == kind).execute():
            return False
        Audit.write_by(actor, "email_text_reset", about)
        return True
