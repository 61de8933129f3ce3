"""Slack's chart block as inline SVG: lines, areas and bars over categories, and pies as a list of shares."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 530, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 12, 36
COLOURS = ("#1264a3", "#e8912d", "#2bac76", "#e01e5a", "#7c4dbd", "#36c5f0")


def chart(sent: Mapping[str, Any]) -> str:
    drawn = sent["chart"]
    if drawn["type"] == "pie":
        parts = ", ".join(f"{escape(str(part['label']))} {part['value']:g}" for part in drawn["segments"])
        return f"<figure><figcaption>{escape(sent['title'])}</figcaption>{parts}</figure>"
    series, categories = drawn["series"], drawn["axis_config"]["categories"]
    values = [[point["value"] for point in one["data"]] for one in series]
    top = _round_above(max(max(line, default=0) for line in values))
    draw = _bars if drawn["type"] == "bar" else _lines
    inner = _grid(top) + _labels(categories) + draw(values, top, filled=drawn["type"] == "area")
    legend = "".join(
        f'<span><i style="background:{colour}"></i>{escape(one["name"])}</span>'
        for one, colour in zip(series, COLOURS, strict=False)
    )
    axis = drawn["axis_config"]
    named = " · ".join(escape(axis[key]) for key in ("y_label", "x_label") if axis.get(key))
    return (
        f"<figure><figcaption>{escape(sent['title'])}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{inner}</svg>'
        f'<div class="legend">{legend}<span>{named}</span></div></figure>'
    )


def _x(number: int, count: int) -> float:
    return _LEFT + (number + 0.5) * (WIDTH - _LEFT - _RIGHT) / count


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)


def _grid(top: float) -> str:
    lines = []
    for step in range(5):
        value = top * step / 4
        y = _y(value, top)
        lines.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#eee"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    return "".join(lines)


def _labels(categories: Sequence[str]) -> str:
    every = max(1, -(-len(categories) * (7 * max(map(len, categories)) + 8) // (WIDTH - _LEFT - _RIGHT)))
    return "".join(
        f'<text x="{_x(number, len(categories)):.1f}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for number, label in enumerate(categories)
        if number % every == 0
    )


def _lines(values: Sequence[Sequence[float]], top: float, *, filled: bool) -> str:
    drawn = []
    for line, colour in zip(values, COLOURS, strict=False):
        points = [(_x(number, len(line)), _y(value, top)) for number, value in enumerate(line)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if filled:
            floor = f"{points[-1][0]:.1f},{_y(0, top):.1f} {points[0][0]:.1f},{_y(0, top):.1f}"
            drawn.append(f'<polygon points="{path} {floor}" fill="{colour}" opacity=".25"/>')
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "".join(drawn)


def _bars(values: Sequence[Sequence[float]], top: float, *, filled: bool) -> str:
    del filled
    count = max(len(line) for line in values)
    width = 0.7 * (WIDTH - _LEFT - _RIGHT) / count / len(values)
    return "".join(
        f'<rect x="{_x(number, count) + (rank - len(values) / 2) * width:.1f}" y="{_y(value, top):.1f}" '
        f'width="{width:.1f}" height="{_y(0, top) - _y(value, top):.1f}" fill="{colour}"/>'
        for rank, (line, colour) in enumerate(zip(values, COLOURS, strict=False))
        for number, value in enumerate(line)
    )


def _round_above(highest: float) -> float:
    """The next top of an axis with four round steps."""
    steps = (base * 10.0**power for power in range(10) for base in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
    return 4 * next(step for step in steps if 4 * step >= highest)
