"""What a person reads about a text that can't be taken."""

import pytest

from app.web.field_parsers import one_line, several_lines


@pytest.mark.parametrize("parse", [one_line, several_lines])
def test_too_long_and_invisible_characters_have_different_messages(parse):
    for text, said, unsaid in (("x" * 5_000, "characters or fewer", "invisible"), ("a\u202eb", "invisible", "fewer")):
        with pytest.raises(ValueError, match=said) as error:
            parse(text)
        assert unsaid not in str(error.value)
    with pytest.raises(ValueError, match="on one line"):
        one_line("a\nb")
    assert several_lines("a\nb") == "a\nb"
