"""XML as the gateway reads and writes it: typed attributes, hyphens going out, nil for null."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class BadXml(ValueError):
    """The request is not XML that we read."""


@dataclass(frozen=True)
class Array:
    """A list: every item in an element called `tag`, inside one of type array."""

    tag: str
    items: list


@dataclass(frozen=True)
class Collection:
    """A page of search results: plain fields, then every item as a repeated element."""

    tag: str
    items: list
    fields: dict = field(default_factory=dict)


def parse(body: bytes) -> dict:
    """The request's elements as nested dicts, hyphens turned into underscores; empty elements are None.

    Values are text, except those with type boolean (bool), integer (int) and array (list).
    """
    if not body.strip():
        return {}
    try:
        text = body.decode()
        if "<!" in text:
            raise BadXml("declarations are not accepted")
        root = ElementTree.fromstring(text)  # noqa: S314 - declarations, and so entities, are refused
        return {_name(root): _value(root)}
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise BadXml(str(error)) from error


def _name(element: ElementTree.Element) -> str:
    return element.tag.replace("-", "_")


def _value(element: ElementTree.Element) -> Any:
    kind, text = element.get("type"), element.text or ""
    if kind == "array":
        return [_value(child) for child in element]
    if len(element):
        return {_name(child): _value(child) for child in element}
    if element.get("nil") == "true" or not text:
        return None
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind == "integer":
        return int(text)
    return text


def render(name: str, value: Any) -> str:
    """One element. Datetimes must be aware; they go out in UTC, to the second."""
    tag = escape(name.replace("_", "-"))
    if value is None:
        return f'<{tag} nil="true"/>'
    if isinstance(value, dict):
        return f"<{tag}>{''.join(render(key, item) for key, item in value.items())}</{tag}>"
    if isinstance(value, Array):
        return f'<{tag} type="array">{"".join(render(value.tag, i) for i in value.items)}</{tag}>'
    if isinstance(value, Collection):
        inner = [render(key, item) for key, item in value.fields.items()]
        inner += [render(value.tag, item) for item in value.items]
        return f'<{tag} type="collection">{"".join(inner)}</{tag}>'
    kind, text = _scalar(value)
    return f"<{tag}{kind}>{escape(ILLEGAL.sub('', text))}</{tag}>"


def _scalar(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return ' type="boolean"', str(value).lower()
    if isinstance(value, int):
        return ' type="integer"', str(value)
    if isinstance(value, datetime):
        return ' type="datetime"', value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return ' type="date"', value.isoformat()
    return "", str(value)


def document(name: str, value: Any) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{render(name, value)}\n'.encode()
