"""Number formats of OpenDocument, spelt as Excel spells them."""

from __future__ import annotations

import io

import pytest

from batchqual.ingest.odsstyles import Styles
from batchqual.ingest.sheetxml import parse_xml


def styles_of(xml: str) -> Styles:
    """The styles of a document, as they are collected while it is parsed."""
    styles = Styles()
    parse_xml(io.BytesIO(f"<styles>{xml}</styles>".encode()), styles.start, prepare=styles.listen)
    return styles


def cell(data: str, name: str = "c", parent: str = "") -> str:
    more = f' style:parent-style-name="{parent}"' if parent else ""
    named = f' style:data-style-name="{data}"' if data else ""
    return f'<style:style style:name="{name}" style:family="table-cell"{named}{more}/>'


def number(digits: int, more: str = "", inside: str = "") -> str:
    said = f'<number:number number:min-integer-digits="{digits}" {more}>{inside}</number:number>'
    return f'<number:number-style style:name="N">{said}</number:number-style>'


DECIMALS = 'number:decimal-places="{}"'


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        pytest.param(number(6, DECIMALS.format(0)), "000000", id="zeros"),
        pytest.param(number(6), "000000", id="zeros without a word on decimals"),
        pytest.param(number(1), None, id="general"),
        pytest.param(number(1, DECIMALS.format(2)), "0.00", id="decimals"),
        pytest.param(
            number(1, DECIMALS.format(3) + ' number:min-decimal-places="1"'), "0.0##", id="decimals at most"
        ),
        pytest.param(number(1, DECIMALS.format(0) + ' number:grouping="true"'), "#,##0", id="grouping"),
        pytest.param(number(0, DECIMALS.format(0)), "#", id="no digits"),
        pytest.param(number(999, DECIMALS.format(0)), "0" * 30, id="too many digits"),
        pytest.param(
            '<number:number-style style:name="N"><number:text>No. </number:text>'
            '<number:number number:min-integer-digits="4" number:decimal-places="0"/></number:number-style>',
            '"No. "0000',
            id="text before",
        ),
        pytest.param(
            '<number:number-style style:name="N"><number:text>"</number:text>'
            '<number:number number:min-integer-digits="2"/><number:text>-</number:text>'
            "</number:number-style>",
            '\\"00-',
            id="quotation mark",
        ),
        pytest.param(
            '<number:percentage-style style:name="N"><number:number number:min-integer-digits="1"'
            ' number:decimal-places="1"/><number:text>%</number:text></number:percentage-style>',
            "0.0%",
            id="percent",
        ),
        pytest.param(
            '<number:currency-style style:name="N"><number:number number:min-integer-digits="1"'
            ' number:decimal-places="2"/><number:text> </number:text>'
            "<number:currency-symbol>€</number:currency-symbol></number:currency-style>",
            '0.00 "€"',
            id="currency",
        ),
        pytest.param(
            '<number:date-style style:name="N"><number:day number:style="long"/><number:text>.</number:text>'
            '<number:month/><number:text>.</number:text><number:year number:style="long"/>'
            "</number:date-style>",
            "dd.m.yyyy",
            id="date",
        ),
        pytest.param(
            '<number:date-style style:name="N"><number:day-of-week/><number:text> </number:text>'
            '<number:month number:textual="true" number:style="long"/></number:date-style>',
            "ddd mmmm",
            id="names",
        ),
        pytest.param(
            '<number:date-style style:name="N"><number:month number:textual="true"/></number:date-style>',
            "mmm",
            id="short name",
        ),
        pytest.param(
            '<number:time-style style:name="N" number:truncate-on-overflow="false"><number:hours/>'
            '<number:text>:</number:text><number:minutes number:style="long"/><number:text>:</number:text>'
            '<number:seconds number:style="long" number:decimal-places="1"/></number:time-style>',
            "[h]:mm:ss.0",
            id="duration",
        ),
        pytest.param(
            '<number:time-style style:name="N"><number:hours/><number:text> </number:text><number:am-pm/>'
            "</number:time-style>",
            "h AM/PM",
            id="half days",
        ),
        pytest.param(
            '<number:number-style style:name="N"><number:scientific-number/></number:number-style>',
            "0.00E+00",
            id="scientific",
        ),
        pytest.param(
            '<number:number-style style:name="N"><number:fraction/></number:number-style>',
            "# ?/?",
            id="fraction",
        ),
        pytest.param(
            '<number:text-style style:name="N"><number:text-content/></number:text-style>', "@", id="text"
        ),
        pytest.param("", None, id="a format that is not there"),
    ],
)
def test_a_format_is_spelt_as_excel_spells_it(xml: str, code: str | None) -> None:
    """As far as formats of OpenDocument go; General is none."""
    assert code == styles_of(xml + cell("N")).code("c")


def test_a_style_takes_the_format_of_its_parents() -> None:
    """Also where they stand in a circle."""
    found = styles_of(number(4) + cell("N", "top") + cell("", "middle", "top") + cell("", "low", "middle"))
    assert "0000" == found.code("low")
    assert None is styles_of(cell("", "a", "b") + cell("", "b", "a")).code("a")
    assert None is found.code("nobody")
    assert None is found.code(None)


def test_a_hidden_table_is_known_by_its_style() -> None:
    """Only what the style of a table says counts."""
    table = '<style:style style:name="{}" style:family="table"><style:table-properties table:display="{}"/>'
    xml = table.format("a", "false") + "</style:style>" + table.format("b", "true") + "</style:style>"
    assert {"a"} == styles_of(xml).hidden_tables


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        pytest.param(["value()&gt;=0"], "0;00", id="negative-else"),
        pytest.param(["value()&gt;0", "value()&lt;0"], "0;0;00", id="zero-else"),
        pytest.param(["value()&gt;3"], "[>3]0;00", id="a-condition-of-its-own"),
        pytest.param(["value()&lt;=1.79769313486232E+308"], "0;00", id="every-number"),
    ],
)
def test_formats_for_conditions_are_sections_of_one(conditions: list[str], code: str) -> None:
    """Else a positive number would come back in the format of negative ones."""
    maps = "".join(f'<style:map style:condition="{one}" style:apply-style-name="P"/>' for one in conditions)
    digits = '<number:number number:decimal-places="0" number:min-integer-digits="{}"/>'
    positive = f'<number:number-style style:name="P">{digits.format(1)}</number:number-style>'
    usual = f'<number:number-style style:name="N">{digits.format(2)}{maps}</number:number-style>'
    assert code == styles_of(positive + usual + cell("N")).code("c")
