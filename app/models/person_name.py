"""Names that go into mails to other people: a name, and nothing that could be read as a message or a link."""

import re
import unicodedata

from app.printable import is_printable, visible

LONGEST_NAME = 60
ADDRESS = re.compile(r"[@/\\<>{}\[\]|=]|\w\.\w{2,}|\bwww\b|(\d.*){5}", re.IGNORECASE)


def is_personal_name(text: str) -> bool:
    """Short, without a part of a link, an email address or a telephone number, in whatever width its characters are,
    and without control or bidi characters."""
    if len(text) > LONGEST_NAME or not is_printable(text):
        return False
    return not ADDRESS.search(unicodedata.normalize("NFKC", visible(text)).replace("。", "."))
