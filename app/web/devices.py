"""Names of devices, from the User-Agent header: for people who look through where they are logged in."""

LONGEST_HEADER = 500  # in characters; names are near the start or end of a shorter one
# (what the header has, its name); the first that is found. Chrome says it is Safari, and others say they are Chrome.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """'Firefox on Windows'; the browser or the system alone when the other is unknown, and '' for neither."""
    text = user_agent[:LONGEST_HEADER]
    found = [next((name for mark, name in marks if mark in text), "") for marks in (BROWSERS, SYSTEMS)]
    return " on ".join(filter(None, found))
