"""E-invoices in UBL 2.1, the syntax of Peppol."""

from collections.abc import Iterator
from decimal import Decimal

from app.imports.einvoice_document import EInvoice, EInvoiceLine, Reader, address, joined
from app.imports.invoice_columns import CREDIT_MEMO

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


class UblReader(Reader):
    def document(self) -> EInvoice:
        is_credit = self.root.tag.endswith("}CreditNote")
        kind = CREDIT_MEMO if is_credit else self.kind(self.text("InvoiceTypeCode"))
        party, sums = "AccountingCustomerParty/Party", "LegalMonetaryTotal"
        currency, prepaid = self.text("DocumentCurrencyCode"), self.amount(f"{sums}/PrepaidAmount")
        rounding = self.amount(f"{sums}/PayableRoundingAmount")
        payable = self.number(f"{sums}/PayableAmount")
        place = f"{party}/PostalAddress"
        buyer = self.text(f"{party}/PartyName/Name") or self.text(f"{party}/PartyLegalEntity/RegistrationName")
        return EInvoice(
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
            [*self.allowances_and_charges(), EInvoiceLine("Rounding", rounding)],
        )

    def buyer_id(self, party: str) -> str:
        # An id that names its register isn't the company's own customer number.
        own = [each for each in self.all(f"{party}/PartyIdentification/ID") if not each.get("schemeID")]
        return self.text("AccountingCustomerParty/SupplierAssignedAccountID") or next(
            ((each.text or "").strip() for each in own), ""
        )

    def tax(self, currency: str) -> Decimal | None:
        amounts = [each for each in self.all("TaxTotal/TaxAmount") if each.get("currencyID", currency) == currency]
        return self.decimal((amounts[0].text or "").strip(), "TaxAmount") if amounts else None

    def lines(self, name: str, is_credit: bool) -> Iterator[EInvoiceLine]:
        for line in self.all(name):
            quantity = self.number("CreditedQuantity" if is_credit else "InvoicedQuantity", line)
            price = self.price(self.number("Price/PriceAmount", line), self.number("Price/BaseQuantity", line))
            text = joined(self.text("Item/Name", line), self.text("Item/Description", line))
            yield EInvoiceLine(text, self.amount("LineExtensionAmount", line), quantity, price)

    def allowances_and_charges(self) -> Iterator[EInvoiceLine]:
        for each in self.all("AllowanceCharge"):
            is_charge = self.text("ChargeIndicator", each).casefold() in ("true", "1")
            text = self.text("AllowanceChargeReason", each) or ("Charge" if is_charge else "Discount")
            yield EInvoiceLine(text, self.amount("Amount", each) * (1 if is_charge else -1))
