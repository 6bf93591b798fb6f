"""PDF files taken apart."""

import io
import re

import pypdf
import pytest


class Pdf:
    def __init__(self, content: bytes):
        assert content.startswith(b"%PDF-"), content[:200]
        self.content = content
        self.reader = pypdf.PdfReader(io.BytesIO(content))
        self.pages = [page.extract_text().replace("\u200b", "") for page in self.reader.pages]
        self.text = "\n".join(self.pages)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def metadata(self) -> str:
        return self.reader.trailer["/Root"]["/Metadata"].get_data().decode()

    def tags(self) -> list[str]:
        """The structure types in reading order."""
        found: list[str] = []

        def walk(node):
            node = node.get_object() if hasattr(node, "get_object") else node
            if isinstance(node, list):
                for one in node:
                    walk(one)
            elif isinstance(node, dict):
                if "/S" in node:
                    found.append(str(node["/S"])[1:])
                if "/K" in node:
                    walk(node["/K"])

        walk(self.reader.trailer["/Root"]["/StructTreeRoot"])
        return found

    def assert_accessible_archive(self) -> None:
        """What PDF/A-3a and PDF/UA-1 say of the file as a whole."""
        root = self.reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert "/OutputIntents" in root and "/Encrypt" not in self.reader.trailer
        assert re.search(r"pdfaid:part\W+3\b", self.metadata) and re.search(r"pdfaid:conformance\W+A\b", self.metadata)
        assert re.search(r"pdfuaid:part\W+1\b", self.metadata)
        for page in self.reader.pages:
            assert page["/Tabs"] == "/S"
            for font in page["/Resources"].get("/Font", {}).values():
                assert "/ToUnicode" in font.get_object()
                descendant = font.get_object()["/DescendantFonts"][0].get_object()
                descriptor = descendant["/FontDescriptor"].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(descriptor), "a font is not embedded"


@pytest.fixture
def in_database(app):
    """The test may read and write rows; a request in between closes the connection, the next query opens it."""
    yield
    database = app.extensions["database"]
    if not database.is_closed():
        database.close()
