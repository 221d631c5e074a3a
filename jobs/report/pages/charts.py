"""Draw charts with Vega-Altair and render them to SVG with vl-convert, so that a page does not need a script.

Colors are variables of the style sheet, so that a chart is light or dark with its page. They differ in luminance, too,
and every series has a name. The same rows give the same bytes: texts are measured in a font that vl-convert bundles.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

Values = list[dict[str, Any]]
# Altair's types name every kind of chart that a method can return.
Chart = Any

# A chart with its names is as wide as a card, so that texts have the same size in all charts.
WIDTH, HEIGHT, ROW = 400, 240, 22
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_INK, _GRID, _EDGE = "currentColor", "var(--grid)", "var(--edge)"
COLORS = tuple(f"var(--c{n})" for n in range(1, 7))
# Names that would touch are left out; the gap leaves room for wider fonts.
_NAME_AXIS = alt.Axis(labelOverlap="greedy", labelSeparation=12, labelAngle=0)
_NUMBER = ",~f"
_NUMBER_AXIS = alt.Axis(format=_NUMBER, grid=True, tickCount=4)
_FIT = alt.AutoSizeParams(type="fit", contains="padding")
_FIT_WIDTH = alt.AutoSizeParams(type="fit-x", contains="padding")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3])
_ID = re.compile(r'\bid="([^"]+)"')
# The renderer describes every mark to assistive technology; here a chart is one image and its numbers are in a table.
_ARIA = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"')


def stacked_bars(
    values: Values, x: str, y: str, series: str, order: Sequence[str], title: str, mark: str = ""
) -> Chart:
    """Stack vertical bars by series; values have `x`, `y` and `series`. `mark` names a value drawn across its bar."""
    base = _chart(values)
    across = alt.X(f"{x}:N", sort=None, title=None, axis=_NAME_AXIS)
    bars = base.mark_bar(stroke=_EDGE, strokeWidth=0.5).encode(
        x=across,
        y=alt.Y(f"{y}:Q", title=title, stack="zero", axis=_count_axis(values, x, y)),
        color=_color(series, order),
        order=alt.Order("order:Q"),
    )
    for value in values:
        value["order"] = order.index(value[series])
    layers = [bars]
    if mark:
        marks = [{x: v[x], "mark": v[mark]} for v in values if v.get(mark) is not None]
        layers.append(
            _chart(marks).mark_tick(color=COLORS[1], thickness=3, orient="horizontal").encode(x=across, y="mark:Q")
        )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, autosize=_FIT)


def lines(
    values: Values, x: str, y: str, series: str, order: Sequence[str], title: str, number_format: str = _NUMBER
) -> Chart:
    """Draw a line with dots for every series, each with its own dashes and shape."""
    base = _chart(values).encode(
        x=alt.X(f"{x}:N", sort=None, title=None, axis=_NAME_AXIS),
        y=alt.Y(f"{y}:Q", title=title, axis=alt.Axis(format=number_format)),
        color=_color(series, order),
    )
    dashes = alt.Scale(domain=list(order), range=[list(d) for d in _DASHES[: len(order)]])
    strokes = base.mark_line(strokeWidth=2.25).encode(
        strokeDash=alt.StrokeDash(f"{series}:N", scale=dashes, legend=_legend(order))
    )
    dots = base.mark_point(filled=True, size=26, opacity=1).encode(
        shape=alt.Shape(f"{series}:N", scale=alt.Scale(domain=list(order)), legend=None)
    )
    return alt.layer(strokes, dots).properties(width=WIDTH, height=HEIGHT, autosize=_FIT)


def ranked_bars(values: Values, label: str, value: str, title: str, color: str = COLORS[0]) -> Chart:
    """Draw horizontal bars in the order of `values`, each with its `text` beside it."""
    base = _chart(values).encode(
        y=alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
        # Leave room for the text at the end of the longest bar.
        x=alt.X(
            f"{value}:Q",
            title=title,
            scale=alt.Scale(domainMax=1.35 * max(v[value] for v in values)),
            axis=_NUMBER_AXIS,
        ),
    )
    bars = base.mark_bar(color=color)
    texts = base.mark_text(align="left", dx=4, color=_INK).encode(text="text:N")
    return alt.layer(bars, texts).properties(width=WIDTH, height=alt.Step(ROW), autosize=_FIT_WIDTH)


def spans(values: Values, label: str, title: str) -> Chart:
    """Draw, for every label and `measure`, a dot at `median` and a line from it to a tick at `p90`."""
    order = list(dict.fromkeys(v["measure"] for v in values))
    row = alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=150))
    offset = alt.YOffset("measure:N", sort=order)
    base = _chart(values).encode(y=row, yOffset=offset, color=_color("measure", order))
    rules = base.mark_rule(strokeWidth=2).encode(x=alt.X("median:Q", title=title, axis=_NUMBER_AXIS), x2="p90:Q")
    dots = base.mark_point(filled=True, size=40, opacity=1).encode(
        x="median:Q", shape=alt.Shape("measure:N", scale=alt.Scale(domain=order), legend=_legend(order))
    )
    ticks = base.mark_tick(thickness=2, size=9).encode(x="p90:Q")
    return alt.layer(rules, dots, ticks).properties(
        width=WIDTH, height=alt.Step(13, **{"for": "offset"}), autosize=_FIT_WIDTH
    )


def heatmap(
    values: Values, x: str, y: str, value: str, title: str, columns: Sequence[str], rows: Sequence[str]
) -> Chart:
    """Draw a cell for every pair of column and row; larger values are darker."""
    return (
        _chart(values)
        .mark_rect(stroke=_EDGE, strokeWidth=0.5)
        .encode(
            x=alt.X(f"{x}:N", sort=list(columns), title=None, axis=_NAME_AXIS),
            y=alt.Y(f"{y}:N", sort=list(rows), title=None),
            fill=alt.Fill(
                f"{value}:Q",
                scale=alt.Scale(range=["#dfe9f2", "#6fa3cf", "#0b3c6f"], domainMin=0, interpolate="lab"),
                legend=alt.Legend(title=title, orient="top", gradientLength=140, tickCount=3, format=_NUMBER),
            ),
        )
        .properties(width=WIDTH, height=alt.Step(ROW), autosize=_FIT_WIDTH)
    )


def balance(boxes: Values, leaders: Values) -> Chart:
    """Draw columns of boxes (left, right, from, to, color), and lines (id, n, x, y) between them and to their texts.

    The `text` of a box is at `text_x` and `text_y`.
    """
    across = alt.Scale(domain=[0, 4], nice=False)
    down = alt.Scale(domain=[0, 1], reverse=True, nice=False)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", axis=None, scale=across)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=None, scale=down)

    rects = (
        _chart(boxes)
        .mark_rect(stroke=_EDGE, strokeWidth=0.75)
        .encode(x=x("left"), x2="right:Q", y=y("from"), y2="to:Q", color=alt.Color("color:N", scale=None))
    )
    texts = (
        _chart(boxes)
        .mark_text(align="left", dx=4, baseline="middle", color=_INK)
        .encode(x=x("text_x"), y=y("text_y"), text="text:N")
    )
    rules = (
        _chart(leaders)
        .mark_line(color=_INK, strokeWidth=0.75, opacity=0.5)
        .encode(x=x("x"), y=y("y"), detail="id:N", order="n:Q")
    )
    return alt.layer(rules, rects, texts).properties(width=WIDTH + 20, height=400)


def to_svg(chart: Any, key: str, description: str) -> str:
    """Render a chart as inline SVG; `key` makes its ids unique in a page, `description` is its text alternative."""
    svg: str = vl_convert.vegalite_to_svg(chart.configure(**_config()).to_dict())
    svg = _ARIA.sub("", svg)
    # The renderer numbers ids across charts, so that they depend on what was rendered before.
    for number, name in enumerate(dict.fromkeys(_ID.findall(svg))):
        svg = re.sub(rf'(\bid="|url\(#){re.escape(name)}(?=["\)])', rf"\g<1>{key}-{number}", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)


def _chart(values: Values) -> Chart:
    data: Any = alt.Data
    return alt.Chart(data(values=values))


def _count_axis(values: Values, x: str, y: str) -> alt.Axis:
    """Return an axis with whole numbers only: not more ticks than the highest bar has units."""
    sums: dict[Any, float] = {}
    for value in values:
        sums[value[x]] = sums.get(value[x], 0) + value[y]
    return alt.Axis(format=_NUMBER, tickCount=min(6, max(1, int(max(sums.values())))))


def _color(series: str, order: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(order), range=list(COLORS[: len(order)]))
    return alt.Color(f"{series}:N", scale=scale, legend=_legend(order))


def _legend(order: Sequence[str]) -> alt.Legend | None:
    return alt.Legend(title=None, orient="top", columns=3) if len(order) > 1 else None


def _config() -> dict[str, Any]:
    text = {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    return {
        "background": "transparent",
        "font": _FONT,
        "padding": 4,
        "axis": {**text, "gridColor": _GRID, "domainColor": _GRID, "tickColor": _GRID, "labelLimit": 170},
        "axisX": {"grid": False},
        "legend": {**text, "labelLimit": 200, "symbolStrokeColor": _INK},
        "text": {"fontSize": 13},
        "view": {"stroke": "transparent"},
        "bar": {"discreteBandSize": {"band": 0.82}},
        "aria": False,
    }
