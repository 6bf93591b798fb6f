"""Names of files that people upload or download."""

import pytest

from app.files import file_name, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("may.csv", "may.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\books\\may.csv", "may.csv"),
        ("a\0b\r\n.csv", "a-b--.csv"),
        ("\u202efdp.pdf", "-fdp.pdf"),
        ("", "document.pdf"),
        ("..", "document.pdf"),
        (".pdf", "pdf"),
        ("é" * 300 + ".xlsx", "é" * 50 + ".xlsx"),
    ],
)
def test_file_name_is_made_safe(name, safe):
    assert safe_name(name, "document.pdf") == safe


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("INV-1048", "Harbor & Pine Supply"), "INV-1048 Harbor and Pine Supply.pdf"),
        (("2026/17", "", "Joe's"), "2026-17 Joe's.pdf"),
        (("../../etc/passwd",), "-..-etc-passwd.pdf"),
        (("a\r\nX: 1",), "a--X- 1.pdf"),
        ((" . ",), "document.pdf"),
        (("é" * 300,), "é" * 50 + ".pdf"),
    ],
)
def test_file_name_is_made_of_its_parts(parts, name):
    assert file_name(*parts) == name
