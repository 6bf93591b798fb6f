"""Spreadsheets, e-invoices and ZIP files as other programs write them."""

import datetime
import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

EXCEL_DAY_0 = datetime.date(1899, 12, 30)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "style", "table", "text")
)
UBL = "urn:oasis:names:specification:ubl:schema:xsd"


def zipped(members: dict[str, str | bytes], **options) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


class Raw(str):
    """A cell's XML after its reference: `Raw('t="e"><v>#REF!</v>')`."""


def letters(index: int) -> str:
    name = ""
    while index >= 0:
        name, index = chr(ord("A") + index % 26) + name, index // 26 - 1
    return name


def xlsx_cell(row: int, column: int, value) -> str:
    if value is None or value == "":
        return ""
    place = f'<c r="{letters(column)}{row}" '
    if isinstance(value, Raw):
        return f"{place}{value}</c>"
    if isinstance(value, bool):
        return f'{place}t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime.date):
        return f'{place}s="1"><v>{(value - EXCEL_DAY_0).days}</v></c>'
    if isinstance(value, int | float):
        return f"{place}><v>{value!r}</v></c>"
    return f'{place}t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def xlsx(sheets: dict[str, list[list]], hidden: tuple[str, ...] = (), more: dict[str, str] | None = None) -> bytes:
    """Style 1 is a date, style 2 has two decimals."""
    parts, entries, relations = {}, [], []
    for number, (name, rows) in enumerate(sheets.items(), 1):
        body = "".join(
            f'<row r="{row}">{"".join(xlsx_cell(row, column, cell) for column, cell in enumerate(cells))}</row>'
            for row, cells in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
        )
        state = ' state="hidden"' if name in hidden else ""
        entries.append(f'<sheet name={quoteattr(name)} sheetId="{number}"{state} r:id="rId{number}"/>')
        relations.append(
            f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
    relations.append(f'<Relationship Id="rId0" Type="{RELATIONS}/styles" Target="styles.xml"/>')
    package = "http://schemas.openxmlformats.org/package/2006"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{"".join(entries)}</sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{"".join(relations)}'
            "</Relationships>",
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
            '<xf numFmtId="4"/></cellXfs></styleSheet>',
            **parts,
            **(more or {}),
        }
    )


def ods_cell(value) -> str:
    if isinstance(value, Raw):
        return str(value)
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, datetime.date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>{value}</text:p>'
            "</table:table-cell>"
        )
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>x</text:p></table:table-cell>'
        )
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods(sheets: dict[str, list[list]], manifest: str = "") -> bytes:
    # With a million empty rows below, as LibreOffice writes them.
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>" for cells in rows)
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0"?><office:document-content {ODS_NAMES}><office:body>'
            f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def ubl(number: str = "INV-1", kind: str = "Invoice", **changes: str) -> str:
    """A Peppol invoice of 1,250.00 to Harbour Lamps: two lines, a charge, 20 % VAT. `changes` replace texts."""
    quantity = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{UBL}:{kind}-2" xmlns:cac="{UBL}:CommonAggregateComponents-2"
    xmlns:cbc="{UBL}:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-10-05</cbc:IssueDate><cbc:DueDate>2026-11-04</cbc:DueDate>
  <cbc:Note>Thank you</cbc:Note><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>PO-7</cbc:ID></cac:OrderReference>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="0088">7300010000001</cbc:ID></cac:PartyIdentification>
    <cac:PartyIdentification><cbc:ID>C1</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>Harbour Lamps</cbc:Name></cac:PartyName>
    <cac:PostalAddress><cbc:StreetName>12 Quay St</cbc:StreetName><cbc:CityName>Halifax</cbc:CityName>
      <cbc:PostalZone>B3H 1A1</cbc:PostalZone><cac:Country><cbc:IdentificationCode>CA</cbc:IdentificationCode>
      </cac:Country></cac:PostalAddress>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReason>Delivery</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">41.67</cbc:Amount>
  </cac:AllowanceCharge>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">208.33</cbc:TaxAmount></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="EUR">1041.67</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">1250.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">1250.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
  <cac:{kind}Line><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="EA">10</cbc:{quantity}>
    <cbc:LineExtensionAmount currencyID="EUR">650.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Description>Ten table lamps</cbc:Description><cbc:Name>Rewiring</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">650.00</cbc:PriceAmount><cbc:BaseQuantity>10</cbc:BaseQuantity>
    </cac:Price></cac:{kind}Line>
  <cac:{kind}Line><cbc:ID>2</cbc:ID><cbc:{quantity} unitCode="EA">2.125</cbc:{quantity}>
    <cbc:LineExtensionAmount currencyID="EUR">350.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Cords</cbc:Name></cac:Item></cac:{kind}Line>
</{kind}>"""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def cii(number: str = "INV-9", code: str = "380", **changes: str) -> str:
    """The XML of a Factur-X invoice of 238.00 to Quarry Kiln Ltd, with one line."""
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20261005</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>Kiln door</ram:Name>
    </ram:SpecifiedTradeProduct>
    <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>100.0000</ram:ChargeAmount>
    </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
    <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">2.0000</ram:BilledQuantity>
    </ram:SpecifiedLineTradeDelivery>
    <ram:SpecifiedLineTradeSettlement><ram:SpecifiedTradeSettlementLineMonetarySummation>
    <ram:LineTotalAmount>200.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>
    </ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>04011000-1234512345-35</ram:BuyerReference>
    <ram:BuyerTradeParty><ram:ID>C2</ram:ID><ram:Name>Quarry Kiln Ltd</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
    <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>
      <udt:DateTimeString format="102">20261104</udt:DateTimeString></ram:DueDateDateTime>
    </ram:SpecifiedTradePaymentTerms>
    <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>200.00</ram:LineTotalAmount>
      <ram:TaxBasisTotalAmount>200.00</ram:TaxBasisTotalAmount>
      <ram:TaxTotalAmount currencyID="EUR">38.00</ram:TaxTotalAmount>
      <ram:GrandTotalAmount>238.00</ram:GrandTotalAmount><ram:TotalPrepaidAmount>100.00</ram:TotalPrepaidAmount>
      <ram:DuePayableAmount>138.00</ram:DuePayableAmount>
    </ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def pdf(attached: str = "", name: str = "factur-x.xml") -> bytes:
    from pypdf import PdfWriter

    writer, target = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if attached:
        writer.add_attachment(name, attached.encode())
    writer.write(target)
    return target.getvalue()
