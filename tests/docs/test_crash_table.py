"""The table of attacks in docs/explanation/never-twice.md has the lines that `make crash` prints."""

from __future__ import annotations

import re

from support.crash_table import lines, unknown_names
from support.pages import pages

PAGE = next(page for page in pages() if page.name == "docs/explanation/never-twice.md")


def _table() -> tuple[list[str], list[list[int]]]:
    """What is killed, and the numbers beside it."""
    [table] = re.findall(r"^\| killed \|.*\n\|[-:| ]+\|\n((?:\|.*\|\n)+)", PAGE.text, re.MULTILINE)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [row[0] for row in cells], [[int(cell.replace(",", "")) for cell in row[1:]] for row in cells]


def test_the_page_has_the_lines_that_are_printed() -> None:
    """Each attack once and in its order, none that is not made any more, and a last line for all of them."""
    [*told, last] = _table()[0]
    told = [re.sub(r", [\d,]+ requests$", "", line) for line in told]
    known = {form: forms[0] for forms in lines() for form in forms}
    assert [forms[0] for forms in lines()] == [known.get(line, line) for line in told]
    assert "all" == last
    assert [] == unknown_names()


def test_the_numbers_of_the_page_add_up() -> None:
    """And nothing is lost or doubled."""
    [*rows, whole] = _table()[1]
    assert [sum(column) for column in zip(*rows, strict=True)] == whole
    assert [0, 0] == whole[-2:]
