"""How the workbook looks: fonts, fills, number formats, colours of outcomes. Legible in print."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..exceltext import cell_text, looks_like_formula, sound_format
from ..model import Attention, Outcome
from .ooxml import Styles

__all__ = [
    "ALARM",
    "INK",
    "MOMENT_FORMAT",
    "colour_outcomes",
    "dress_heading",
    "grey_zeros",
    "letters",
    "page_for_print",
    "register_styles",
    "text_cell",
]

MOMENT_FORMAT = 'yyyy-mm-dd hh:mm:ss" UTC"'
_LOCAL_FORMAT = "yyyy-mm-dd hh:mm:ss"
_DAY_FORMAT = "yyyy-mm-dd"
_CLOCK_FORMAT = "hh:mm:ss"
_ELAPSED_FORMAT = "[h]:mm:ss"
_MOST_FORMATS = 200  # what Excel has room for in one workbook

_GOOD = (Outcome.APPROVED, Outcome.ALREADY_QUALIFIED)
INK, _THEIRS = "1F3A5F", "5B6770"
_PAGE_CHARACTERS = 220
_HAIR = Side(style="thin", color="BFC5CB")
ALARM = "9C1C1C"
# Ink and paper by what an outcome asks of a person.
_GREEN, _AMBER = ("1E6B34", "E3F2E6"), ("8A5A00", "FFF2D6")
_RED, _GREY = (ALARM, "FBE3E1"), ("5B6770", "EEF0F2")


def letters(*, bold: bool = False, size: int = 11, color: str | None = None) -> Font:
    """The workbook's one typeface."""
    return Font(name="Calibri", family=2, bold=bold, size=size, color=color)


def text_cell(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Put a text that stays text, whatever openpyxl would take it for; returns its cell."""
    cell = sheet.cell(row, column, cell_text(text))
    cell.data_type = "s"
    cell.quotePrefix = looks_like_formula(text)
    return cell


def dress_heading(cell: StyleableObject, *, ours: bool) -> None:
    """A heading: ours in blue, the user's own in grey, so that one sees whose column it is."""
    cell.font = letters(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor=INK if ours else _THEIRS)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.border = Border(right=_HAIR)


def register_styles(book: Workbook, formats: Iterable[str] = ()) -> Styles:
    """Add the styles of data cells to the workbook, also for the user's formats, and return their numbers."""
    sheet = book.worksheets[0]

    def number(number_format: str = "General", *, wraps: bool = False, quoted: bool = False) -> int:
        cell = Cell(sheet, row=1, column=1)
        cell.number_format = number_format
        cell.alignment = Alignment(vertical="top", wrap_text=wraps or None)
        cell.quotePrefix = quoted
        return cell.style_id

    def centred(number_format: str) -> int:
        cell = Cell(sheet, row=1, column=1)
        cell.number_format = number_format
        cell.alignment = Alignment(vertical="top", horizontal="center")
        return cell.style_id

    return Styles(
        text=number(),
        quoted=number(quoted=True),
        wrapped=number(wraps=True),
        wrapped_quoted=number(wraps=True, quoted=True),
        count=centred("General"),
        moment=centred(MOMENT_FORMAT),
        local=number(_LOCAL_FORMAT),
        day=number(_DAY_FORMAT),
        clock=number(_CLOCK_FORMAT),
        elapsed=number(_ELAPSED_FORMAT),
        formats={code: number(code) for code in islice(filter(sound_format, formats), _MOST_FORMATS)},
    )


def colour_outcomes(sheet: Worksheet, column: int, first: int, last: int) -> None:
    """Colour the outcome words of a column by rule: cheaper than styled cells, and it follows edits."""
    place = get_column_letter(column)
    for outcomes, (ink, paper) in _palette().items():
        words = ",".join(f'${place}{first}="{outcome.words}"' for outcome in outcomes)
        colours = DifferentialStyle(font=Font(color=ink), fill=PatternFill("solid", bgColor=paper))
        rule = Rule(type="expression", dxf=colours, formula=[f"OR({words})"])
        sheet.conditional_formatting.add(f"{place}{first}:{place}{last}", rule)


def grey_zeros(sheet: Worksheet, area: str, count: str) -> None:
    """Let lines whose count is zero step back."""
    rule = Rule(type="expression", dxf=DifferentialStyle(font=Font(color="9AA2A9")), formula=[f"{count}=0"])
    sheet.conditional_formatting.add(area, rule)


def page_for_print(sheet: Worksheet, *, table: bool) -> None:
    """Landscape A4 and page numbers; a table has lines, and its heading on every page.

    As many pages wide as stay legible, the first column on each; page after page along the rows.
    """
    width = sum(column.width for column in sheet.column_dimensions.values())
    across = max(1, round(width / _PAGE_CHARACTERS))
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = across
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.7, header=0.2, footer=0.3)
    if table:
        sheet.print_title_rows = "1:1"
        sheet.print_options.gridLines = True
    if across > 1:
        sheet.print_title_cols = "A:A"
        sheet.page_setup.pageOrder = "overThenDown"
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = sheet.title, "Page &P of &N"
    sheet.HeaderFooter.oddFooter = footer


def _palette() -> dict[tuple[Outcome, ...], tuple[str, str]]:
    quiet = tuple(o for o in Outcome if o.attention is Attention.QUIET and o not in _GOOD)
    waiting = tuple(o for o in Outcome if o.attention is Attention.WAITING)
    needed = tuple(o for o in Outcome if o.attention is Attention.NEEDED)
    return {_GOOD: _GREEN, waiting: _AMBER, needed: _RED, quiet: _GREY}
