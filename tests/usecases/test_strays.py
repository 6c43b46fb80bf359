"""Files that no row names go after a day; what a row names, or somebody stores again, stays for good."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import String

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.services.files import FolderFiles
from portal.settings import Settings
from portal.store import strays as store
from portal.store.database import transaction
from portal.store.models import Attachment, Slip
from portal.store.tables import Base
from portal.usecases import strays
from tests.cases import HOUSE, NOW, act, kept, submit

NIGHT = datetime.now(UTC)


@pytest.fixture
def files(settings: Settings, database: object) -> FolderFiles:
    return FolderFiles(Path(settings.files_url))


def put(files: FolderFiles, content: bytes, age: timedelta = timedelta(days=2)) -> str:
    """A file that was stored so long before the night."""
    sha256 = files.put_bytes(content).sha256
    at = (NIGHT - age).timestamp()
    os.utime(files.root / sha256[:2] / sha256[2:4] / sha256, (at, at))
    return sha256


def test_what_any_row_names_stays_and_what_none_does_goes(files: FolderFiles, work: Callable[[], None]) -> None:
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    work()
    names = {each: put(files, each.encode()) for each in ("file", "thumbnail", "shown", "result", "its copy")}
    dossier = kept(registration)
    (receipt,) = dossier.slips
    with transaction() as session:
        session.add(
            Attachment(
                dossier_id=dossier.id, component="drawings", name="a.pdf", kind="pdf", size=1, pages=1,
                sha256=names["file"], thumbnail=names["thumbnail"], shown=names["shown"], uploaded_at=NOW,
            )
        )  # fmt: skip
        session.add(
            Slip(
                dossier_id=dossier.id, kind="result", number="1", created_at=NOW, rendered_at=NOW, size=1, name="b.pdf",
                sha256=names["result"], shown=names["its copy"],
            )
        )  # fmt: skip
    nobodys = [put(files, bytes([number])) for number in range(40)]
    assert strays.sweep(files, NIGHT + timedelta(days=2)) == len(nobodys)
    assert receipt.sha256
    assert all(map(files.readable, (*names.values(), receipt.sha256)))
    assert not any(map(files.exists, nobodys))


def test_a_file_of_less_than_a_day_is_left_to_whoever_has_not_committed_yet(files: FolderFiles) -> None:
    young, old = put(files, b"young", timedelta(hours=23)), put(files, b"old", timedelta(hours=25))
    assert strays.sweep(files, NIGHT) == 1
    assert (files.exists(young), files.exists(old)) == (True, False)


def test_what_is_stored_again_while_the_sweep_looks_stays(files: FolderFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256, named = put(files, b"again"), store.named

    def meanwhile(*asked: object) -> object:
        files.put_bytes(b"again")
        return named(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "named", meanwhile)
    assert strays.sweep(files, NIGHT) == 0
    assert files.exists(sha256)


def test_every_column_that_can_hold_the_name_of_a_file_is_looked_at() -> None:
    """Those of publications and of drafts of the law are digests of texts."""
    digests = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == 64
        and column.name in ("sha256", "thumbnail", "shown", "file", "picture")
    }  # fmt: skip
    assert digests - {"publications.sha256"} == {f"{column.table.name}.{column.name}" for column in store.NAMING}
