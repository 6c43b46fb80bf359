"""`portal procedures check`: file, line and reason for each fault, and never a traceback."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.commands.procedures import command
from procedures.catalogue import FOLDER, procedure_files
from procedures.files import read

TEXTS = [file.read_text(encoding="utf-8") for file in procedure_files()]


def check(*files: Path) -> Result:
    return CliRunner().invoke(command, ["check", *map(str, files)], catch_exceptions=False)


def written(text: str, folder: Path) -> Path:
    file = folder / "2016-01-01.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    return file


def test_the_shipped_law_is_in_order_and_its_examples_come_out() -> None:
    result = check()
    assert (result.exit_code, result.output) == (0, f"{len(procedure_files())} procedure files are in order.\n")


def test_each_fault_is_printed_with_file_line_and_reason_and_ends_with_1(tmp_path: Path) -> None:
    birth = next(text for text in TEXTS if 'code: "1.001193"' in text and "bundle:" not in text)
    file = written(
        birth.replace("expect: {outcome: complete, fee: 0, due_at", "expect: {outcome: complete, fee: 5, due_at"),
        tmp_path,
    )
    result = check(file)
    line = next(
        n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if "fee: 5, due_at" in text
    )
    assert result.exit_code == 1
    assert result.output == f"{file}:{line}: Mẹ khai sinh cho con đúng hạn, sau 15 giờ: the fee comes to 0, not 5\n"


def test_an_example_that_comes_out_otherwise_is_a_fault(tmp_path: Path) -> None:
    land = (FOLDER / "land" / "transfer" / "2025-07-01.yaml").read_text(encoding="utf-8")
    for old, new, reason in (
        ('due_on: "2026-08-03"', 'due_on: "2026-08-04"', "falls due on 2026-08-03, not on 2026-08-04"),
        ("components: [certificate_paper, contract]", "components: [contract]", "comes out as incomplete"),
        (
            "mortgagee_consent]\n      warnings",
            "contract]\n      warnings",
            "errors come from common_certificate_agreement, mortgagee_consent",
        ),
        (
            "warnings: [contract_after_certificate]",
            "warnings: []",
            "warnings come from contract_after_certificate, not from nothing",
        ),
        ("unit: nghia-do", "unit: pho-rang", "its successor: Bảo Yên"),
        ("unit: nghia-do", "unit: nowhere", "No unit bears the code nowhere"),
        ("unit: nghia-do", "unit: chi-nhanh-dat-dai", "does not receive this procedure"),
    ):
        assert old in land
        file = tmp_path / "2025-07-01.yaml"
        file.write_text(land.replace(old, new, 1), encoding="utf-8")
        result = check(file)
        assert result.exit_code == 1
        assert reason in result.output


def test_a_missing_file_and_a_folder_are_faults_like_any_other(tmp_path: Path) -> None:
    result = check(tmp_path / "2020-01-01.yaml", tmp_path)
    assert result.exit_code == 1
    assert result.output.count(":1: cannot be read: ") == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_broken_line_ends_in_a_traceback(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        junk = data.draw(
            st.text(max_size=6) | st.sampled_from(["", "\t", "- ", "key: x", "&a ", "null", "[", "'", "9999 day"])
        )
        cut = data.draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:cut] + junk + data.draw(st.sampled_from([lines[at][cut:], ""]))
    _checks_to_faults("\n".join(lines))


JUNK: list[Any] = [
    None, [], {}, True, 0, -1, 10**15, "", "x", "today", "same_day", "9999 day", "2024-02-30", "0001-01-01T00:00",
    "2061-01-01T00:00", "group", "several", "unit", "full_name", "size(1", "1/0 == 1", "members.exists(m, m.x == 1)",
    "../../x", "x/2016-01-01", [1], {"vi": "a", "en": "b"}, "commune == 'x'", "\u202e", "exemptions",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_wrong_value_ends_in_a_traceback(data: st.DataObject) -> None:
    value = json.loads(json.dumps(read(data.draw(st.sampled_from(procedure_files()))).value, default=str))
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(list(_parts(value))))
        if data.draw(st.booleans()):
            parent[key] = data.draw(st.sampled_from(JUNK))
        else:
            del parent[key]
    _checks_to_faults(json.dumps(value, ensure_ascii=False, indent=1))


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _parts(value[key])


def _checks_to_faults(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = written(text, Path(folder))
        result = check(file)
        lines = result.output.splitlines()
        assert lines
        if result.exit_code:
            assert result.exit_code == 1
            places = [line.removeprefix(f"{file}:").split(":") for line in lines if line.startswith(f"{file}:")]
            assert places or "blocks" in result.output
            assert all(place[0].isdigit() for place in places)
