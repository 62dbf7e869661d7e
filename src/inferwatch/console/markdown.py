"""A text widget's markdown → HTML: headings, lists, code, emphasis and web links; anything else stays text.

Every character of the source is escaped first; the only tags in the result are those written here.

Source: CloudWatch API reference, "Dashboard body structure and syntax", text widget `markdown`.
Differs: tables, images, buttons and raw HTML are shown as the text they are.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_SPAN = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|\*(?P<em>[^*\s][^*]*)\*"
    r"|\[(?P<text>[^\]]*)\]\((?P<url>https?://[^\s)]+)\)"
)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_NUMBERED = re.compile(r"\s*\d+[.)]\s+(.*)")


def render(source: str) -> Markup:
    """Turn markdown into HTML; headings start at the level below the page's own."""
    blocks: list[Markup] = []
    lines = source.replace("\r\n", "\n").split("\n")
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if line.startswith("```"):
            blocks.append(_fenced(lines))
        elif heading := _HEADING.fullmatch(line):
            level = min(len(heading[1]) + 2, 6)
            blocks.append(Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2])))
        elif _BULLET.fullmatch(line):
            blocks.append(_list("ul", _BULLET, [line, *lines], lines))
        elif _NUMBERED.fullmatch(line):
            blocks.append(_list("ol", _NUMBERED, [line, *lines], lines))
        else:
            blocks.append(_paragraph(line, lines))
    return Markup("\n").join(blocks)


def _fenced(lines: list[str]) -> Markup:
    code = []
    while lines and not lines[0].startswith("```"):
        code.append(lines.pop(0))
    if lines:
        lines.pop(0)
    return Markup("<pre><code>{}</code></pre>").format("\n".join(code))


def _list(tag: str, item: re.Pattern[str], ahead: list[str], lines: list[str]) -> Markup:
    items = []
    for line in ahead:
        match = item.fullmatch(line)
        if match is None:
            break
        items.append(Markup("<li>{}</li>").format(_inline(match[1])))
    del lines[: len(items) - 1]
    return Markup("<{0}>{1}</{0}>").format(tag, Markup("").join(items))


def _paragraph(first: str, lines: list[str]) -> Markup:
    text = [first]
    while lines and lines[0].strip() and not re.match(r"#{1,6}\s|```|\s*[-*+]\s|\s*\d+[.)]\s", lines[0]):
        text.append(lines.pop(0))
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line.strip()) for line in text))


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    done = 0
    for match in _SPAN.finditer(text):
        parts.append(escape(text[done : match.start()]))
        done = match.end()
        if match["code"] is not None:
            parts.append(Markup("<code>{}</code>").format(match["code"]))
        elif match["url"] is not None:
            link = '<a href="{}" rel="noreferrer noopener">{}</a>'
            parts.append(Markup(link).format(match["url"], match["text"] or match["url"]))
        else:
            tag = "strong" if match["strong"] is not None else "em"
            parts.append(Markup("<{0}>{1}</{0}>").format(tag, match["strong"] or match["em"]))
    parts.append(escape(text[done:]))
    return Markup("").join(parts)
