"""The figures as tables."""

from collections.abc import Sequence

from .measure import Figure


def table(title: str, found: Sequence[Figure], names: Sequence[str]) -> str:
    """Return figures as a Markdown table."""
    floors = any(item.floor is not None for item in found)
    compared = len(names) > 1
    heads = ["", *names]
    if compared:
        heads.append("times better")
    if floors:
        heads += ["at best", "over it"]
    heads.append("")
    rows = [_row(item, compared=compared, floors=floors) for item in found]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _row(figure: Figure, *, compared: bool, floors: bool) -> list[str]:
    cells = [figure.what, *(_spelled(side, figure.unit) for side in figure.sides)]
    if compared:
        cells.append("" if figure.ratio is None else f"{figure.ratio:.1f}")
    if floors:
        over = figure.over_floor
        cells.append("" if figure.floor is None else _spelled(figure.floor, figure.unit))
        cells.append("" if over is None else f"{over:+.1%}")
    return [*cells, figure.note]


def _spelled(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    text = f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.3g}"
    return f"{text} {unit}".rstrip()
