"""A text widget's markdown → HTML: headings, lists, tables, quotes, code, emphasis, web links and buttons.

Every character of the source is escaped first; the only tags in the result are those written here.

Source: CloudWatch API reference, "Dashboard body structure and syntax", text widget `markdown`.
Differs: images and raw HTML are shown as the text they are; a page loads nothing from elsewhere.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from inferwatch.model.visible import visible

_SPAN = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|\*(?P<em>[^*\s][^*]*)\*"
    r"|\[button:(?:(?P<style>primary):)?(?P<button>[^\]]*)\]\((?P<to>https?://[^\s)]+)\)"
    r"|\[(?P<text>[^\]]*)\]\((?P<url>https?://[^\s)]+)\)"
)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_QUOTE = re.compile(r"\s*>\s?(.*)")
_LINE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_UNDER_HEAD = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_NUMBERED = re.compile(r"\s*\d+[.)]\s+(.*)")


def render(source: str) -> Markup:
    """Turn markdown into HTML; headings start at the level below the page's own."""
    blocks: list[Markup] = []
    lines = visible(source.replace("\r\n", "\n")).split("\n")
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if line.startswith("```"):
            blocks.append(_fenced(lines))
        elif heading := _HEADING.fullmatch(line):
            level = min(len(heading[1]) + 2, 6)
            blocks.append(Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2])))
        elif _LINE.fullmatch(line):
            blocks.append(Markup("<hr>"))
        elif "|" in line and lines and "|" in lines[0] and _UNDER_HEAD.fullmatch(lines[0]):
            blocks.append(_table(line, lines))
        elif quote := _QUOTE.fullmatch(line):
            told = Markup("<br>").join(_run(quote, lines))
            blocks.append(Markup("<blockquote>{}</blockquote>").format(told))
        elif bullet := _BULLET.fullmatch(line):
            blocks.append(_list("ul", _run(bullet, lines)))
        elif number := _NUMBERED.fullmatch(line):
            blocks.append(_list("ol", _run(number, lines)))
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


def _table(head: str, lines: list[str]) -> Markup:
    sides = [_side(cell) for cell in _cells(lines.pop(0))]
    rows = []
    while lines and "|" in lines[0]:
        rows.append(_row("td", lines.pop(0), sides))
    body = Markup("").join(rows)
    return Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(_row("th", head, sides), body)


def _row(tag: str, line: str, sides: list[Markup]) -> Markup:
    cells = [*_cells(line), *[""] * len(sides)][: len(sides)]
    made = [
        Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), side, _inline(cell))
        for cell, side in zip(cells, sides, strict=True)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(made))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _side(rule: str) -> Markup:
    if not rule.endswith(":"):
        return Markup("")
    return Markup(' class="is-center"') if rule.startswith(":") else Markup(' class="is-right"')


def _run(first: re.Match[str], lines: list[str]) -> list[Markup]:
    """The first line and those after it that are of its kind, each without its mark."""
    items = [_inline(first[1])]
    while lines and (match := first.re.fullmatch(lines[0])):
        items.append(_inline(match[1]))
        lines.pop(0)
    return items


def _list(tag: str, items: list[Markup]) -> Markup:
    made = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return Markup("<{0}>{1}</{0}>").format(tag, made)


def _paragraph(first: str, lines: list[str]) -> Markup:
    text = [first]
    while lines and lines[0].strip() and not re.match(r"#{1,6}\s|```|\s*>|\s*[-*+]\s|\s*\d+[.)]\s", lines[0]):
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
        elif match["to"] is not None:
            button = '<a class="button{}" href="{}" rel="noreferrer noopener">{}</a>'
            style = " is-primary" if match["style"] else ""
            parts.append(Markup(button).format(style, match["to"], match["button"] or match["to"]))
        elif match["url"] is not None:
            link = '<a href="{}" rel="noreferrer noopener">{}</a>'
            parts.append(Markup(link).format(match["url"], match["text"] or match["url"]))
        else:
            tag = "strong" if match["strong"] is not None else "em"
            parts.append(Markup("<{0}>{1}</{0}>").format(tag, match["strong"] or match["em"]))
    parts.append(escape(text[done:]))
    return Markup("").join(parts)
