"""Pages by what people call them."""

import re

from app.web.menu import PAGES, Page

OTHERS = (
    Page(("Your account",), "/account", "profile email change password log out everywhere sessions theme dark mode"),
    Page(
        ("Your account", "Two-factor authentication"),
        "/account/two-factor",
        "2FA MFA second factor authenticator app one-time codes TOTP recovery codes",
    ),
)
FEWEST = 2  # letters
IDLE = re.compile(
    r"(?:a|an|and|by|change|edit|find|for|go|how|i|in|is|it|me|my|of|on|or|our|set|show|the|to|view|we|"
    r"what|where|with|page|settings?)"
)


def pages(text: str) -> list[Page]:
    """Pages of the menus, and one's own account, in whose path or words every word of `text` is: with any signs
    between them, in singular or plural, and without words that say nothing."""
    typed = words(text)
    wanted = [word.removesuffix("s") for word in typed if not IDLE.fullmatch(word)] or typed
    if len("".join(wanted)) < FEWEST:
        return []
    return [
        page
        for page in (*PAGES, *OTHERS)
        if all(word in " ".join(words(f"{page.written} {page.words}")) for word in wanted)
    ]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
