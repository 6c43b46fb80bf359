"""Who has something open is known for a while and then forgotten; with the queue server away, nobody waits for it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from portal.services import presence
from portal.services.presence import Presence


def test_who_enters_sees_who_else_is_there_and_each_place_is_its_own(redis_url: str) -> None:
    present = Presence(redis_url)
    assert present.enter("dossier:1", 7) == ()
    assert present.enter("dossier:1", 8) == (7,)
    assert present.enter("dossier:1", 7) == (8,)
    assert present.enter("dossier:2", 9) == ()
    present.close()


def test_who_is_not_heard_of_any_more_has_left_and_nothing_is_kept_for_ever(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "GONE", timedelta(seconds=1))
    present, redis = Presence(redis_url), Redis.from_url(redis_url)
    present.enter("dossier:1", 7)
    time.sleep(0.6)
    assert present.enter("dossier:1", 8) == (7,)
    time.sleep(0.6)
    assert present.enter("dossier:1", 8) == (), "7 was not heard of for more than a second"
    time.sleep(1.2)
    assert redis.keys("presence:*") == []
    redis.close()
    present.close()


def test_with_the_queue_server_away_nobody_is_there_and_it_is_not_asked_again_at_once(tmp_path: Path) -> None:
    present = Presence(f"unix://{tmp_path}/nothing.sock")
    before = time.monotonic()
    assert [present.enter("dossier:1", 7) for _ in range(100)] == [()] * 100
    assert time.monotonic() - before < 2
