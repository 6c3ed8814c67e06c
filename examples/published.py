"""Our figures beside published ones."""

from collections.abc import Iterable


def compare(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Print a table of (what, published, here)."""
    rows = [("", "published", "here"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print(f"\n{title}\n")
    for what, published, here in rows:
        print(f"  {what:<{widths[0]}}  {published:>{widths[1]}}  {here:>{widths[2]}}")
