"""E-invoices as rows: UBL 2.1 (Peppol) and the CII of Factur-X, ZUGFeRD 2 and XRechnung."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from app.imports.dates import days_of
from app.imports.extractor import number_text
from app.imports.report import FileProblem, quote

LONGEST_XML = 20 << 20
MOST_ELEMENTS = 500_000
DEEPEST = 60
MOST_LINES = 10_000
E_INVOICE_HEADINGS = (
    "E-invoice type", "E-invoice number", "Buyer ID", "Buyer name", "Date", "Due date", "Currency", "PO number",
    "Terms", "Memo", "Bill to", "Total", "Tax", "Amount paid", "Description", "Quantity", "Unit price", "Line amount",
)  # fmt: skip
LINE_HEADINGS = 4
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
# Codes of UNTDID 1001.
# fmt: off
INVOICES = {
    "", "71", "80", "82", "84", "326", "380", "382", "383", "384", "385", "386", "388", "389", "393", "395", "875",
    "876", "877",
}
CREDITS = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
# fmt: on
CREDIT = "Credit Memo"
LONGEST = {"terms": 120, "memo": 4_000, "bill_to": 1_000, "description": 4_000}
DIGITS = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
DECIMALS = Decimal("0.000001")


@dataclass
class Line:
    description: str
    amount: Decimal
    quantity: Decimal | None = None
    price: Decimal | None = None


@dataclass
class Document:
    """Amounts are as the document has them: positive in a credit memo too. `charges` are what isn't in its lines."""

    name: str
    kind: str
    number: str
    buyer_id: str
    buyer: str
    issued_on: str
    due_on: str
    currency: str
    po_number: str
    terms: str
    memo: str
    bill_to: str
    total: Decimal
    tax: Decimal | None
    prepaid: Decimal
    lines: list[Line] = field(default_factory=list)
    charges: list[Line] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.kind or 'Invoice'} {quote(self.number)}"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.number, self.buyer_id, self.buyer

    @property
    def rows(self) -> list[tuple[str, ...]]:
        terms = self.terms if len(self.terms) <= LONGEST["terms"] else ""
        if not self.due_on and days_of(terms) is None:
            terms = ""
        head = (
            self.kind,
            self.number,
            self.buyer_id,
            self.buyer,
            self.issued_on,
            self.due_on,
            self.currency,
            self.po_number,
            terms,
            self.memo[: LONGEST["memo"]],
            self.bill_to[: LONGEST["bill_to"]],
            number_text(self.total),
            "" if self.tax is None else number_text(self.tax),
            number_text(self.prepaid) if self.prepaid else "",
        )
        lines = self.lines + [line for line in self.charges if line.amount] if self.lines else []
        return [(*head, *cells(line)) for line in lines] or [(*head, *[""] * LINE_HEADINGS)]


def cells(line: Line) -> tuple[str, ...]:
    numbers = (line.quantity, line.price, line.amount)
    return line.description[: LONGEST["description"]], *("" if each is None else number_text(each) for each in numbers)


def read_document(content: bytes, name: str) -> Document:
    """The e-invoice in `content`. Raises FileProblem that names the file `name`, and what is wrong in it."""
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
    if len(document.lines) > MOST_LINES:
        raise FileProblem(f"{quote(name)} has {len(document.lines):,} lines; {MOST_LINES:,} is the most.")
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
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise FileProblem(f"{quote(name)} has too many elements, or too deep ones, for an invoice.")
    except DefusedXmlException:
        raise FileProblem(f"{quote(name)} has a DTD or entities, which no e-invoice has. Export it again.") from None
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        where = f" in line {line:,}" if line else ""
        raise FileProblem(f"{quote(name)} is damaged or cut off{where}: it is not well-formed XML.") from None
    return root


class Reader:
    """Paths are local names with "/" between them, whatever their namespaces."""

    def __init__(self, root: Element, name: str):
        self.root, self.name = root, name

    def document(self) -> Document:
        raise NotImplementedError

    def all(self, path: str, of: Element | None = None) -> list[Element]:
        return (self.root if of is None else of).findall("/".join(f"{{*}}{step}" for step in path.split("/")))

    def text(self, path: str, of: Element | None = None) -> str:
        return next((" ".join((each.text or "").split()) for each in self.all(path, of)), "")

    def number(self, path: str, of: Element | None = None) -> Decimal | None:
        text = self.text(path, of)
        return self.decimal(text, path) if text else None

    def amount(self, path: str, of: Element | None = None) -> Decimal:
        return self.number(path, of) or Decimal(0)

    def decimal(self, text: str, path: str) -> Decimal:
        try:
            if not DIGITS.fullmatch(text):
                raise InvalidOperation
            return Decimal(text)
        except InvalidOperation:
            raise FileProblem(
                f"{quote(self.name)}, {path.rpartition('/')[2]}: {quote(text)} is not a number."
            ) from None

    def kind(self, code: str) -> str:
        if code in CREDITS:
            return CREDIT
        return "" if code in INVOICES else f"of code {code}"

    def total(self, inclusive: Decimal | None, rounding: Decimal, prepaid: Decimal, payable: Decimal | None) -> Decimal:
        """What the document comes to; what is to be paid must be the rest."""
        if inclusive is None and payable is None:
            raise FileProblem(f"{quote(self.name)}: the total is missing. Export it again.")
        total = (payable or Decimal(0)) + prepaid if inclusive is None else inclusive + rounding
        if payable is not None and total - prepaid != payable:
            raise FileProblem(
                f"{quote(self.name)}: the amount to pay, {payable}, is not the total, {total}, without what is paid "
                f"already, {prepaid}. Correct it where it was made."
            )
        return total

    def price(self, price: Decimal | None, per: Decimal | None) -> Decimal | None:
        if price is None or not per:
            return price
        return (price / per).quantize(DECIMALS)


def address(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def joined(*texts: str, by: str = ": ") -> str:
    return by.join(dict.fromkeys(filter(None, texts)))


class UblReader(Reader):
    def document(self) -> Document:
        is_credit = self.root.tag.endswith("}CreditNote")
        kind = CREDIT if is_credit else self.kind(self.text("InvoiceTypeCode"))
        party, sums = "AccountingCustomerParty/Party", "LegalMonetaryTotal"
        currency, prepaid = self.text("DocumentCurrencyCode"), self.amount(f"{sums}/PrepaidAmount")
        rounding = self.amount(f"{sums}/PayableRoundingAmount")
        payable = self.number(f"{sums}/PayableAmount")
        place = f"{party}/PostalAddress"
        buyer = self.text(f"{party}/PartyName/Name") or self.text(f"{party}/PartyLegalEntity/RegistrationName")
        return Document(
            self.name,
            kind,
            self.text("ID"),
            self.buyer_id(party),
            buyer,
            self.text("IssueDate")[:10],
            (self.text("DueDate") or self.text("PaymentMeans/PaymentDueDate"))[:10],
            currency,
            self.text("OrderReference/ID") or self.text("BuyerReference"),
            self.text("PaymentTerms/Note"),
            "\n".join(filter(None, ((each.text or "").strip() for each in self.all("Note")))),
            address(
                buyer,
                self.text(f"{place}/StreetName"),
                self.text(f"{place}/AdditionalStreetName"),
                joined(self.text(f"{place}/PostalZone"), self.text(f"{place}/CityName"), by=" "),
                self.text(f"{place}/Country/IdentificationCode"),
            ),
            self.total(self.number(f"{sums}/TaxInclusiveAmount"), rounding, prepaid, payable),
            self.tax(currency),
            prepaid,
            list(self.lines("CreditNoteLine" if is_credit else "InvoiceLine", is_credit)),
            [*self.charges(), Line("Rounding", rounding)],
        )

    def buyer_id(self, party: str) -> str:
        # What names the register that it is from isn't the company's number of the customer.
        own = [each for each in self.all(f"{party}/PartyIdentification/ID") if not each.get("schemeID")]
        return self.text("AccountingCustomerParty/SupplierAssignedAccountID") or next(
            ((each.text or "").strip() for each in own), ""
        )

    def tax(self, currency: str) -> Decimal | None:
        amounts = [each for each in self.all("TaxTotal/TaxAmount") if each.get("currencyID", currency) == currency]
        return self.decimal((amounts[0].text or "").strip(), "TaxAmount") if amounts else None

    def lines(self, name: str, is_credit: bool) -> Iterator[Line]:
        for line in self.all(name):
            quantity = self.number("CreditedQuantity" if is_credit else "InvoicedQuantity", line)
            price = self.price(self.number("Price/PriceAmount", line), self.number("Price/BaseQuantity", line))
            text = joined(self.text("Item/Name", line), self.text("Item/Description", line))
            yield Line(text, self.amount("LineExtensionAmount", line), quantity, price)

    def charges(self) -> Iterator[Line]:
        for each in self.all("AllowanceCharge"):
            is_charge = self.text("ChargeIndicator", each).casefold() in ("true", "1")
            text = self.text("AllowanceChargeReason", each) or ("Charge" if is_charge else "Discount")
            yield Line(text, self.amount("Amount", each) * (1 if is_charge else -1))


class CiiReader(Reader):
    def document(self) -> Document:
        deal, settlement = "SupplyChainTradeTransaction", "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
        agreement = f"{deal}/ApplicableHeaderTradeAgreement"
        party, sums = f"{agreement}/BuyerTradeParty", f"{settlement}/SpecifiedTradeSettlementHeaderMonetarySummation"
        currency, prepaid = self.text(f"{settlement}/InvoiceCurrencyCode"), self.amount(f"{sums}/TotalPrepaidAmount")
        rounding, place = self.amount(f"{sums}/RoundingAmount"), f"{party}/PostalTradeAddress"
        terms = f"{settlement}/SpecifiedTradePaymentTerms"
        return Document(
            self.name,
            self.kind(self.text("ExchangedDocument/TypeCode")),
            self.text("ExchangedDocument/ID"),
            self.text(f"{party}/ID"),
            self.text(f"{party}/Name"),
            self.date("ExchangedDocument/IssueDateTime/DateTimeString"),
            self.date(f"{terms}/DueDateDateTime/DateTimeString"),
            currency,
            self.text(f"{agreement}/BuyerOrderReferencedDocument/IssuerAssignedID")
            or self.text(f"{agreement}/BuyerReference"),
            self.text(f"{terms}/Description"),
            "\n".join((each.text or "").strip() for each in self.all("ExchangedDocument/IncludedNote/Content")),
            address(
                self.text(f"{party}/Name"),
                *(self.text(f"{place}/{line}") for line in ("LineOne", "LineTwo", "LineThree")),
                joined(self.text(f"{place}/PostcodeCode"), self.text(f"{place}/CityName"), by=" "),
                self.text(f"{place}/CountryID"),
            ),
            self.total(
                self.number(f"{sums}/GrandTotalAmount"), rounding, prepaid, self.number(f"{sums}/DuePayableAmount")
            ),
            self.tax(sums, currency),
            prepaid,
            list(self.lines(deal)),
            [*self.charges(settlement), Line("Rounding", rounding)],
        )

    def date(self, path: str) -> str:
        text = self.text(path)
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if re.fullmatch(r"\d{8}", text, re.ASCII) else text[:10]

    def tax(self, sums: str, currency: str) -> Decimal | None:
        amounts = [e for e in self.all(f"{sums}/TaxTotalAmount") if e.get("currencyID", currency) == currency]
        return self.decimal((amounts[0].text or "").strip(), "TaxTotalAmount") if amounts else None

    def lines(self, deal: str) -> Iterator[Line]:
        for line in self.all(f"{deal}/IncludedSupplyChainTradeLineItem"):
            price = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice"
            amount = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"
            if not self.text(amount, line):
                continue  # a line that only says something
            product = "SpecifiedTradeProduct"
            yield Line(
                joined(self.text(f"{product}/Name", line), self.text(f"{product}/Description", line)),
                self.amount(amount, line),
                self.number("SpecifiedLineTradeDelivery/BilledQuantity", line),
                self.price(self.number(f"{price}/ChargeAmount", line), self.number(f"{price}/BasisQuantity", line)),
            )

    def charges(self, settlement: str) -> Iterator[Line]:
        for each in self.all(f"{settlement}/SpecifiedTradeAllowanceCharge"):
            is_charge = self.text("ChargeIndicator/Indicator", each).casefold() in ("true", "1")
            text = self.text("Reason", each) or ("Charge" if is_charge else "Discount")
            yield Line(text, self.amount("ActualAmount", each) * (1 if is_charge else -1))
        for each in self.all(f"{settlement}/SpecifiedLogisticsServiceCharge"):
            yield Line(self.text("Description", each) or "Charge", self.amount("AppliedAmount", each))
