"""docs/examples/spreadsheet.py: a workbook of clips in, a workbook of verdicts out."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

from command_line import ROOT, make_clip
from openpyxl import Workbook, load_workbook
from web import web_server

from provenance import Archive

EXAMPLE = ROOT / "docs" / "examples" / "spreadsheet.py"


def test_each_row_of_a_workbook_gets_its_verdict_behind_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", "testsrc2", 3.0)
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(clip, published="2019-05-02", url="https://e.org/1")
    book = Workbook()
    sheet = book.worksheets[0]
    with web_server() as web:
        url = web.file("/clip.mp4", clip.read_bytes())
        sheet.append(["Case", "URL", "Path", "Text", "Date", None])
        sheet.append([1, url, None, "Filmed on Tuesday", dt.datetime(2024, 10, 29), "kept"])
        sheet.append([2, None, "clip.mp4", None, 2018, None])
        sheet.append([None] * 6)
        sheet.append([3, None, "gone.mp4", None, None, dt.time(12, 30)])
        sheet.append([4, None, "clip.mp4", None, "some day", None])
        sheet.append([5, None, "clip.mp4", "=1+1", None, None])
        sheet.cell(7, 4).data_type = "s"
        book.save(tmp_path / "claims.xlsx")
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), "claims.xlsx", "verdicts.xlsx"],
            check=False,
            cwd=tmp_path,
            env={
                **os.environ,
                "no_proxy": "*",
                "PYTHONPATH": str(ROOT),
                "PROVENANCE_ARCHIVE": str(tmp_path / "archive"),
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    out = load_workbook(tmp_path / "verdicts.xlsx").worksheets[0]
    header, one, two, three, four, five = (list(row) for row in out.values)
    assert header[6:] == ["verdict", "summary", "first published", "first seen at"]
    assert one[:6] == [1, url, None, "Filmed on Tuesday", dt.datetime(2024, 10, 29), "kept"]
    assert (one[6], one[8:]) == ("earlier_appearance", ["2019-05-02", "https://e.org/1"])
    assert two[6] == "known_footage"
    assert (three[5], three[6]) == (dt.time(12, 30), "not checked")
    assert "gone.mp4 is not there" in three[7]
    assert (four[6], "is not a date" in four[7]) == ("not checked", True)
    assert (five[3], out["D6"].data_type) == ("=1+1", "s")
