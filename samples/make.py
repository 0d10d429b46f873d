#!/usr/bin/env python3
"""Makes the samples again: `make samples`, or `python samples/make.py [FOLDER]`.

All customers are invented. IDs are a hash of the name behind a prefix that no real tenant has; domains end in
`.example`; validation codes are made up. The files come out the same, byte for byte, whenever they are made;
only the example report is a real run of the simulator, with the times and request IDs of that run.
`batchqual.toml` and the README are written by hand.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

from mistakes import head, invented_id, mistakes_workbook
from openpyxl import Workbook
from openpyxl.worksheet.properties import PageSetupProperties

_HERE = Path(__file__).resolve().parent
_EPOCH = (2026, 1, 5, 9, 0, 0)
_STAMP = "2026-01-05T09:00:00Z"
_HEADINGS = {
    "Customer Name": 34,
    "Microsoft ID": 40,
    "Special Qualification": 23,
    "Education Segment": 20,
    "Website": 38,
    "Validation Code": 17,
    "Seats": 9,
    "Account Manager": 19,
    "Contract Since": 16,
    "Notes": 44,
}
_TEXT = {"Microsoft ID", "Validation Code"}

# name | qualification | segment | website without https:// | seats | account manager | contract since | notes
_CUSTOMERS = """
Amberfield Primary School|Education|K12|www.amberfield.example|180|Priya Nair|2021-08-02|
Larkmoor Academy|Education|K12|www.larkmoor.example|420|Priya Nair|2020-09-14|
Thistlebank College|Education|HigherEducation|www.thistlebank.example|1350|Tomás Vidal|2019-07-01|
Quillhaven University|Education|HigherEducation|quillhaven.example|9800|Tomás Vidal|2018-03-19|renews in July
City of Brindleford|GCC|||260|Ines Okafor|2022-01-10|
Dunmere Secondary School|Education|K12|dunmere.example|610|Priya Nair|2021-05-31|
Østerlund Gymnasium|Education|K12|www.osterlund.example|540|Sofie Dahl|2023-02-06|
Fernway Montessori|Education|K12|fernway.example|75|Priya Nair|2024-08-19|- waits for the new contract
County of Hallowmarsh|GCC|||1120|Ines Okafor|2020-11-23|two departments, one tenant
École Rivemaire|Education|K12|www.rivemaire.example|310|Luc Perrin|2022-09-05|
Institut Valdorée|Education|HigherEducation|www.valdoree.example|2200|Luc Perrin|2019-10-21|
Greywater Rail|StateOwnedEntity|||3400|Ines Okafor|2021-04-12|owned by the state since 1998
Sandhollow Elementary|Education|K12|www.sandhollow.example|150|Priya Nair|2023-08-28|
Colégio Pedra Alta|Education|K12|www.pedraalta.example|480|Tomás Vidal|2022-02-14|
Ravensgate Polytechnic|Education|HigherEducation|www.ravensgate.example|4100|Tomás Vidal|2018-09-03|
Wexcombe Water Board|StateOwnedEntity|||690|Ines Okafor|2023-06-26|
Maplethorn High School|Education|K12|maplethorn.example|870|Priya Nair|2020-08-10|
Szkoła Wierzbowa|Education|K12|www.wierzbowa.example|260|Sofie Dahl|2024-01-22|
Tidewell School District|Education|K12|www.tidewell.example|5200|Priya Nair|2017-07-17|12 schools, one tenant
Oakrill Town Council|GCC|||95|Ines Okafor|2024-03-04|
Hochschule Lindenau am See|Education|HigherEducation|www.lindenau-am-see.example|1900|Sofie Dahl|2021-10-04|
Brackenfold Museum School|Education|K12|www.brackenfold.example|60|Luc Perrin|2023-11-13|museum or school?
Pinehurst Vale Academy|Education|K12|www.pinehurstvale.example|335|Priya Nair|2022-06-20|
Novagrad Port Authority|StateOwnedEntity|||1480|Ines Okafor|2020-02-24|
Stonebridge Community College|Education|HigherEducation|www.stonebridge.example|2750|Tomás Vidal|2019-08-12|
Ellerwick Primary School|Education|K12|www.ellerwick.example|210|Priya Nair|2021-09-06|
State Archive of Corvania|GCC|||140|Ines Okafor|2025-01-13|+44 1632 960 144 before ten
Harrowdene Girls' School|Education|K12|www.harrowdene.example|530|Priya Nair|2020-05-18|
Corvania Institute of Technology|Education|HigherEducation|corvania-tech.example|7600|Tomás Vidal|2017-10-30|
Willowmede Nursery|Education|K12|willowmede.example|40|Luc Perrin|2024-09-02|
Borough of Saltmarket|GCC|||375|Ines Okafor|2022-12-05|
Akademie Steinfurth|Education|HigherEducation|www.steinfurth.example|980|Sofie Dahl|2023-04-17|
Copperleaf Charter School|Education|K12|www.copperleaf.example|290|Priya Nair|2021-01-25|
Northfen Library Service|Education|K12|www.northfen.example|55|Luc Perrin|2024-05-27|
Escola Ribeira Nova|Education|K12|www.ribeiranova.example|365|Tomás Vidal|2022-10-31|
Greenacre Agricultural College|Education|HigherEducation|www.greenacre.example|720|Tomás Vidal|2020-07-06|
Corvania State Broadcasting|StateOwnedEntity|||2100|Ines Okafor|2018-12-03|trains its own staff: next row
Corvania State Broadcasting|Education|HigherEducation|academy.example|2100|Ines Okafor|2018-12-03|its academy
Hazelmoor Sixth Form|Education|K12|www.hazelmoor.example|445|Priya Nair|2023-09-11|
Municipality of Vindhaven|GCC|||510|Sofie Dahl|2021-03-29|
Dunmere Secondary School|Education|K12|dunmere.example|610|Priya Nair|2021-05-31|again in May
Silverbeck Teacher Academy|Education|HigherEducation|www.silverbeck.example|830|Luc Perrin|2022-04-25|
"""
_CODES = {
    "Oakrill Town Council": "730162",
    "Borough of Saltmarket": "730162",
    "Municipality of Vindhaven": "730162",
}
_USUAL_CODE = "047110"

Row = list[str | int | date | None]


def customer_rows() -> list[Row]:
    """The cells of each row, in the order of the headings."""
    rows: list[Row] = []
    for line in _CUSTOMERS.strip().splitlines():
        name, qualification, segment, site, seats, manager, since, note = line.split("|")
        code = _CODES.get(name, _USUAL_CODE) if qualification == "GCC" else None
        website = f"https://{site}" if site else None
        cells = [name, invented_id(name), qualification, segment or None, website, code]
        rows.append([*cells, int(seats), manager, date.fromisoformat(since), note or None])
    return rows


def write_csv(path: Path) -> None:
    """CSV as Excel writes it when told “CSV UTF-8”: with a byte order mark, so that it opens well there."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(customer_rows())


def customers_workbook() -> Workbook:
    """The same rows as a partner would keep them in Excel."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Customers"
    sheet.append(list(_HEADINGS))
    for row in customer_rows():
        sheet.append(row)
    for number, (heading, width) in enumerate(_HEADINGS.items(), start=1):
        head(sheet, number, width)
        for (cell,) in sheet.iter_rows(min_row=2, min_col=number, max_col=number):
            if cell.data_type == "f":
                cell.data_type = "s"
            if heading in _TEXT:
                cell.number_format = "@"
            elif heading == "Contract Since":
                cell.number_format = "yyyy-mm-dd"
    sheet.row_dimensions[1].height = 22
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    return book


def save(book: Workbook, path: Path) -> None:
    """Save with fixed times inside, so that making it again makes the same bytes."""
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stamp = rb"\g<1>" + _STAMP.encode()
    parts["docProps/core.xml"] = re.sub(
        rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", stamp, parts["docProps/core.xml"]
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def rehearse(folder: Path) -> None:
    """The report that `make demo` gives. 3 says that some rows need attention, as they do."""
    command = [
        sys.executable,
        "-m",
        "batchqual",
        "rehearse",
        "customers.xlsx",
        "--report",
        "report-example.xlsx",
    ]
    done = subprocess.run(command, cwd=folder, check=False)  # noqa: S603 - our own program
    if done.returncode != 3:
        raise SystemExit(f"the rehearsal ended with {done.returncode}")


def main() -> None:
    """Write everything into the folder that is named, else beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _HERE
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "customers.csv")
    save(customers_workbook(), folder / "customers.xlsx")
    save(mistakes_workbook(), folder / "customers-with-mistakes.xlsx")
    rehearse(folder)


if __name__ == "__main__":
    main()
