"""Names of files that people upload."""

import pytest

from app.files import safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("may.csv", "may.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\books\\may.csv", "may.csv"),
        ("a\0b\r\n.csv", "a_b__.csv"),
        ("\u202efdp.pdf", "_fdp.pdf"),
        ("", "document.pdf"),
        ("..", "document.pdf"),
        (".pdf", "pdf"),
        ("é" * 300 + ".xlsx", "é" * 50 + ".xlsx"),
    ],
)
def test_file_name_is_made_safe(name, safe):
    assert safe_name(name, "document.pdf") == safe
