"""Reading e-invoices from XML. Its size and depth are limited before anything is trusted."""

import io
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from app.imports.cii import CII, CiiReader
from app.imports.einvoice_document import EInvoice, Reader
from app.imports.report import FileProblem, quote
from app.imports.ubl import UBL, UblReader

LONGEST_XML = 20 << 20
MAX_ELEMENTS = 500_000
DEEPEST = 60
MAX_LINES = 10_000


def read_document(content: bytes, name: str) -> EInvoice:
    """The e-invoice in `content`. Raises FileProblem that names the file `name` and what is wrong."""
    root = tree(content, name)
    namespace, _, kind = root.tag.removeprefix("{").rpartition("}")
    reader: type[Reader]
    if kind in ("Invoice", "CreditNote") and namespace == f"{UBL}{kind}-2":
        reader = UblReader
    elif namespace == CII and kind == "CrossIndustryInvoice":
        reader = CiiReader
    elif kind == "CrossIndustryDocument":
        raise FileProblem(f"{quote(name)} is a ZUGFeRD 1 invoice. Versions from 2 on are read: save it as Factur-X.")
    else:
        raise FileProblem(f"{quote(name)} is XML ({quote(kind)}), but no UBL 2.1 or Factur-X invoice. Leave it out.")
    document = reader(root, name).document()
    if not document.number:
        raise FileProblem(f"{quote(name)}: the number of the document is missing. Export it again.")
    if len(document.lines) > MAX_LINES:
        raise FileProblem(f"{quote(name)} has {len(document.lines):,} lines; the maximum is {MAX_LINES:,}.")
    return document


def tree(content: bytes, name: str) -> Element:
    if len(content) > LONGEST_XML:
        raise FileProblem(f"{quote(name)} is larger than {LONGEST_XML >> 20} MB, which no invoice is.")
    depth = count = 0
    root: Any = None
    try:
        for event, element in iterparse(io.BytesIO(content), ("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            count += event == "start"
            root = element if root is None else root
            if depth > DEEPEST:
                raise FileProblem(f"{quote(name)} nests its elements too deep for an invoice. Export it again.")
            if count > MAX_ELEMENTS:
                raise FileProblem(f"{quote(name)} has too many elements for an invoice. Export it again.")
    except DefusedXmlException:
        raise FileProblem(f"{quote(name)} has a DTD or entities, which no e-invoice has. Export it again.") from None
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        where = f" in line {line:,}" if line else ""
        raise FileProblem(f"{quote(name)} is damaged or incomplete{where}: it is not well-formed XML.") from None
    return root
