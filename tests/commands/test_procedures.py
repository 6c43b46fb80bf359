"""`portal procedures`: what there is, exported letter by letter and taken in again, and described to editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.domain.access import Role
from portal.settings import Settings
from portal.usecases import authoring, law
from procedures.catalogue import FOLDER, load_catalogue, procedure_files
from tests.people import account_of

SPLIT = "1.010038"
FILE = FOLDER / "residence" / "household-split" / "2026-03-15.yaml"


@pytest.fixture
def database_kind() -> str:
    """What is printed does not depend on the database."""
    return "sqlite"


@pytest.fixture(autouse=True)
def portal(database: Any, settings: Settings) -> None:
    """Commands find the database of the test."""


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["procedures", *arguments], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def test_the_list_has_a_row_for_each_procedure_with_what_the_newest_version_says() -> None:
    rows = json.loads(run("list", "--json").output)
    assert [row["code"] for row in rows] == list(load_catalogue().codes)
    row = next(row for row in rows if row["code"] == SPLIT)
    procedure = load_catalogue().version(SPLIT, load_catalogue().versions(SPLIT)[-1].version)
    assert row == {
        "code": SPLIT,
        "versions": ["2021-07-01", "2026-03-15"],
        "sector": "residence",
        "level": None,
        "term": "5 working_day",
        "mountain_extra": None,
        "fee": "fixed",
        "fields": sum(len(field.columns) or 1 for field in procedure.fields.values()),
        "components": 5,
        "title": procedure.title.vi,
        "short_title": procedure.short_title.vi,
    }
    heading, *lines = run("list").output.splitlines()
    assert heading.split()[0] == "Mã"
    assert len(lines) == len(rows)
    (line,) = [line for line in lines if line.startswith(SPLIT)]
    for word in ("2021-07-01 2026-03-15", "Cư trú", "5 ngày làm việc", "đã định", "Tách hộ"):
        assert word in line


def test_of_a_bundle_the_list_says_the_term_of_every_leg_and_of_all() -> None:
    (row,) = [row for row in json.loads(run("list", "--json").output) if row["code"] == "2.000986"]
    assert (row["term"], row["total_term"]) == ("same_day", "20 working_day")
    assert [(leg["leg"], leg["term"]) for leg in row["legs"]] == [
        ("residence", "7 working_day"), ("health_card", "11 working_day"),
    ]  # fmt: skip
    (line,) = [line for line in run("list").output.splitlines() if line.startswith("2.000986")]
    assert "trong ngày làm việc; tất cả: 20 ngày làm việc" in line


@pytest.mark.parametrize("state", ["free", "fixed", "not_configured", "mixed"])
def test_free_is_told_from_what_nobody_has_entered(state: str) -> None:
    rows = [row for row in json.loads(run("list", "--json").output) if row["fee"] == state]
    for row in rows:
        amounts = {fee.amount for fee in load_catalogue().version(row["code"], newest(row["code"])).fees}
        assert {
            "free": amounts <= {0},
            "fixed": None not in amounts and bool(amounts - {0}),
            "not_configured": amounts == {None},
            "mixed": None in amounts and len(amounts) > 1,
        }[state]


def newest(code: str) -> Any:
    return load_catalogue().versions(code)[-1].version


def test_every_file_comes_out_of_the_database_as_it_went_in(tmp_path: Path) -> None:
    admin = account_of(Role.ADMINISTRATOR)
    assert admin.username
    for file in procedure_files():
        run("import", str(file), "--by", admin.username)
    for draft in authoring.drafts():
        assert draft.text.encode() == (FOLDER / draft.path).read_bytes()
    assert len(authoring.drafts()) == len(procedure_files())


def test_every_file_is_exported_as_it_is_written(tmp_path: Path) -> None:
    for entry in law.catalogue().entries:
        head = entry.head
        run("export", head.code, "--version", str(head.version), "--to", str(tmp_path))
    for file in procedure_files():
        assert (tmp_path / file.relative_to(FOLDER)).read_bytes() == file.read_bytes()
    assert run("export", SPLIT).stdout_bytes == FILE.read_bytes()


def test_a_faulty_file_becomes_a_draft_and_its_faults_are_told(tmp_path: Path) -> None:
    admin = account_of(Role.ADMINISTRATOR)
    file = tmp_path / "household-split" / "2027-01-01.yaml"
    file.parent.mkdir()
    file.write_bytes(FILE.read_bytes().replace(b"term: 5 working_day", b"term: 4 working_day"))
    done = run("import", str(file), "--by", str(admin.username))
    assert "the shares sum to 5 working days, the term is 4" in done.output
    assert done.output.splitlines()[-1] == f"Bản thảo 1: thủ tục {SPLIT}, ngày có hiệu lực: 01/01/2027."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[", "did not find expected node content"),
        (b"a: 1", "không cho biết mã thủ tục"),
        (b"\xff", "không phải là UTF-8"),
        (b'code: "9.999999"\nsector: residence', "đã thuộc về thủ tục khác"),
    ],
)
def test_what_cannot_become_a_draft_is_refused_in_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    admin = account_of(Role.ADMINISTRATOR)
    file = tmp_path / "household-split" / "2027-01-01.yaml"
    file.parent.mkdir()
    file.write_bytes(data)
    assert reason in run("import", str(file), "--by", str(admin.username), code=1).output
    assert authoring.drafts() == ()


def test_only_an_administrator_imports() -> None:
    run("import", str(FILE), "--by", "nobody", code=1)
    leader = account_of(Role.LEADER)
    run("import", str(FILE), "--by", str(leader.username), code=1)
    assert authoring.drafts() == ()


def test_what_is_not_there_cannot_be_exported() -> None:
    assert "không có thủ tục nào" in run("export", "9.999999", code=2).output
    assert (
        "chỉ có các phiên bản 2021-07-01, 2026-03-15" in run("export", SPLIT, "--version", "2020-01-01", code=2).output
    )


@pytest.mark.parametrize("written", ["procedure", "block", "list", "record"])
def test_editors_get_a_schema_of_each_kind_of_file(written: str) -> None:
    assert json.loads(run("schema", "--of", written).output)["$schema"].endswith("schema")
