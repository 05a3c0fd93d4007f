"""How a record of an output topic is shown to people: a block of a few lines.

Bodies are read as plain JSON and not as typed records: a newer worker may write fields that this command does
not know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson
from rich.console import Group
from rich.text import Text

from klean_stream.cli.render import highlighted, moment, seller_text, span

Body = Mapping[str, Any]
_LONG = 600
_HEADS = {"takedowns": ("TAKEDOWN", "bold red"), "reinstatements": ("REINSTATEMENT", "bold green")}
_ESCALATION = ("ESCALATION", "bold yellow")


def block(topic: str, place: str, value: bytes | None, timestamp: int, *, now: int, brackets: tuple[str, str]) -> Group:
    """Give the block of a record: a head, then a line for each thing worth knowing.

    ``topic`` is the logical name, ``place`` says where the record stands; ``now`` (milliseconds) is what
    deadlines are measured against. ``brackets`` go around matched characters.
    """
    try:
        body = orjson.loads(value) if value is not None else None
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        text = "null" if value is None else value.decode("utf-8", "backslashreplace")[:_LONG]
        return Group(_head(topic.upper(), "bold", timestamp, place), _line("body", seller_text(text)), Text())
    if topic.startswith("escalations"):
        head, style = f"{_ESCALATION[0]} {_channel(topic)}".rstrip(), _ESCALATION[1]
    else:
        head, style = _HEADS.get(topic, (topic.upper(), "bold"))
    lines = _judged(body, now, brackets) if "findings" in body and "title" in body else _fields(body)
    return Group(_head(head, style, int(body.get("time", timestamp)), place), *lines, Text())


def _channel(topic: str) -> str:
    return topic.removeprefix("escalations").removeprefix("-").upper()


def _head(what: str, style: str, milliseconds: int, place: str) -> Text:
    return Text.assemble((what, style), "  ", moment(milliseconds), "  ", (place, "dim"))


def _line(name: str, content: Text) -> Text:
    return Text.assemble(f"  {name:<13} ", content, overflow="fold")


def _judged(body: Body, now: int, brackets: tuple[str, str]) -> Iterator[Text]:
    """Give the lines of a takedown or an escalation."""
    signup = body.get("subject") == "signup"
    field = "shop_name" if signup else "title"
    yield _line(
        "shop" if signup else "title", highlighted(body["title"], body["findings"], field=field, brackets=brackets)
    )
    yield _line("seller", _seller(body))
    if body.get("listing_id") is not None:
        version = body.get("listing_version")
        yield _line("listing", seller_text(body["listing_id"] + ("" if version is None else f"  version {version}")))
    if body.get("case_id") is not None:
        version = body.get("case_version")
        yield _line("case", seller_text(body["case_id"] + ("" if version is None else f"  version {version}")))
    yield _line("rule", seller_text(body.get("rule")))
    yield from _findings(body["findings"])
    if body.get("deadline") is not None:
        yield _line("deadline", Text.assemble(due(body["deadline"], now), f"  priority {body.get('priority')}"))


def _seller(body: Body) -> Text:
    shown = seller_text(body.get("seller_id"))
    risk = body.get("risk")
    if risk:
        shown.append(f"  {risk['level']}, {risk['points']} points, {risk['strikes']} strikes", style="dim")
    return shown


def _findings(findings: Iterable[Body]) -> Iterator[Text]:
    for number, finding in enumerate(findings):
        yield _line("found" if not number else "", _finding(finding))


def _finding(finding: Body) -> Text:
    shown = seller_text(finding.get("kind"))
    if finding.get("brand_id") is not None:
        shown.append_text(seller_text(f" {finding['brand_id']}", "green"))
    if finding.get("surface") is not None:
        shown.append_text(seller_text(f" “{finding['surface']}”"))
    if finding.get("field") is not None:
        place = f" in {finding['field']}"
        if finding.get("start") is not None:
            place += f" {finding['start']}–{finding.get('end')}"
        shown.append_text(seller_text(place))
    confidence = finding.get("confidence", 1000)
    shown.append_text(
        seller_text(f" by {finding.get('technique')} ({confidence / 10:.0f} %, {finding.get('tier', 'act')})", "dim")
    )
    if finding.get("disposition", "counts") != "counts":
        shown.append_text(seller_text(f" does not count: {finding['disposition']}", "cyan"))
    if finding.get("held"):
        shown.append_text(seller_text(" held: its brand is found far more often than usual", "yellow"))
    return shown


def due(deadline: int, now: int) -> Text:
    """Give a deadline, with how long there is still or that it has passed."""
    if deadline < now:
        return Text.assemble(moment(deadline), "  ", (f"OVERDUE by {span(now - deadline)}", "bold red"))
    return Text(f"{moment(deadline)}  in {span(deadline - now)}")


_SHOWN: Mapping[str, Callable[[Any], str]] = dict.fromkeys(("deadline", "received", "opened", "held_until"), moment)
# What only programs need, and the time, which stands in the head.
_LEFT_OUT = frozenset({"schema_version", "id", "decision_id", "identity", "time", "text", "reasons"})


def _fields(body: Body) -> Iterator[Text]:
    for name, value in body.items():
        if name in _LEFT_OUT or value is None or value in ([], {}):
            continue
        if name == "findings":
            yield from _findings(value)
            continue
        if name in _SHOWN and isinstance(value, int):
            yield _line(name, Text(_SHOWN[name](value)))
        else:
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            yield _line(name, seller_text(text if len(text) <= _LONG else text[:_LONG] + "…"))
