"""When a key set is read again. Time is by hand, and so is what a reading comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

pytest.importorskip("joserfc", reason="the extra `security`")

from kafka_compat.config.errors import BadSettings
from kafka_compat.security.sasl import jwks_fetch, jwks_source
from kafka_compat.security.sasl.jwks import JwksError, KeySet, parse_jwks
from kafka_compat.security.sasl.jwks_fetch import fetch_keys
from kafka_compat.security.sasl.jwks_source import JwksPlace, JwksSource, JwksSources
from kafka_compat.tasks import Supervisor
from kafka_compat.testing import ManualClock
from tests.support.bearer_tokens import jwk_of, key_server, key_set, standard_keys

PLACE = JwksPlace("file:///keys", refresh_ms=60_000, backoff_ms=100, backoff_max_ms=1_000)


class World:
    """A source whose readings are counted; while `is_broken` they fail."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.tasks = Supervisor("key sets")
        self.source = JwksSource(PLACE, self.clock, self.tasks)
        self.is_broken = False
        self.keys: KeySet = parse_jwks(key_set(jwk_of("p256")))
        self.readings: list[int] = []

    def fetch(self, url: str) -> KeySet:
        assert url == PLACE.url
        self.readings.append(self.clock.monotonic_ms())
        if self.is_broken:
            raise JwksError("broken")
        return self.keys

    async def advance(self, by_ms: int) -> None:
        end_ms = self.clock.monotonic_ms() + by_ms
        while self.clock.monotonic_ms() < end_ms:
            await self.clock.advance(min(50, end_ms - self.clock.monotonic_ms()))
            await self.tasks.settle()

    async def miss(self, kid: str) -> None:
        self.source.miss(kid)
        await asyncio.sleep(0)
        await self.tasks.settle()


Play = Callable[[Callable[[World], Coroutine[None, None, None]]], None]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    def run(story: Callable[[World], Coroutine[None, None, None]]) -> None:
        async def told() -> None:
            world = World()
            monkeypatch.setattr(jwks_source, "fetch_keys", world.fetch)
            await world.source.start()
            assert world.readings.pop() == 0
            await story(world)
            world.source.close()
            assert world.clock.pending == 0
            await world.tasks.close()

        asyncio.run(told())

    return run


def test_keys_are_read_again_and_again(play: Play) -> None:
    async def story(world: World) -> None:
        world.keys = parse_jwks(key_set(jwk_of("p384")))
        await world.advance(59_950)
        assert world.readings == []
        assert world.source.current.find("p256", "ES256") is not None
        await world.advance(50)
        assert world.source.current.find("p256", "ES256") is None
        assert world.source.current.find("p384", "ES384") is not None
        await world.advance(60_000)
        assert world.readings == [60_000, 120_000]

    play(story)


def test_a_failed_refresh_is_tried_again_for_a_while_and_keeps_the_keys(play: Play) -> None:
    async def story(world: World) -> None:
        world.is_broken = True
        await world.advance(63_000)
        assert world.readings == [60_000, 60_100, 60_300, 60_700, 61_000]
        assert world.source.current.find("p256", "ES256") is not None
        world.is_broken = False
        await world.advance(57_000)
        assert world.readings[5:] == [120_000]

    play(story)


def test_a_missing_key_is_asked_for_once_in_a_minute(play: Play) -> None:
    async def story(world: World) -> None:
        for _ in range(3):
            await world.miss("new")
        assert world.readings == [0]
        await world.advance(59_950)
        await world.miss("new")
        assert world.readings == [0]
        await world.advance(100)
        world.readings.clear()
        await world.miss("new")
        assert len(world.readings) == 1

    play(story)


def test_many_missing_keys_are_asked_for_together(play: Play) -> None:
    async def story(world: World) -> None:
        for number in range(100):
            await world.miss(f"new-{number}")
        assert world.readings == [0]
        await world.advance(20_000)
        assert world.readings == [0, 5_000]

    play(story)


def test_an_id_that_is_too_long_is_not_asked_for(play: Play) -> None:
    async def story(world: World) -> None:
        await world.miss("x" * 1001)
        assert world.readings == []

    play(story)


def test_a_key_that_came_and_went_is_asked_for_again(play: Play) -> None:
    async def story(world: World) -> None:
        world.keys = parse_jwks(key_set(jwk_of("p384")))
        await world.miss("p384")
        await world.advance(5_000)
        world.keys = KeySet(())
        await world.miss("p384")
        assert world.readings == [0, 5_000]
        assert world.source.current.keys == ()

    play(story)


def test_a_start_without_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start() -> None:
        world = World()
        world.is_broken = True
        monkeypatch.setattr(jwks_source, "fetch_keys", world.fetch)
        with pytest.raises(BadSettings, match=r"sasl.oauthbearer.jwks.endpoint.url file:///keys: broken"):
            await world.source.start()
        assert world.clock.pending == 0

    asyncio.run(start())


def test_equal_places_are_one_source() -> None:
    sources = JwksSources(ManualClock())
    assert sources.at(PLACE) is sources.at(PLACE._replace())
    assert sources.at(PLACE) is not sources.at(PLACE._replace(refresh_ms=1))


# --- reading


def test_reading_over_http() -> None:
    with key_server() as server:
        assert fetch_keys(server.url).find("rsa", "RS256") is not None
        server.answer = 503
        with pytest.raises(JwksError, match="503"):
            fetch_keys(server.url)
        server.answer = b"x" * (1024 * 1024 + 1)
        with pytest.raises(JwksError, match="more than"):
            fetch_keys(server.url)
        server.answer = b"{}"
        with pytest.raises(JwksError, match="keys"):
            fetch_keys(server.url)
        url = server.url
    with pytest.raises(JwksError):
        fetch_keys(url)


def test_reading_takes_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks_fetch, "_TIMEOUT_S", 0.0001)
    with key_server() as server:
        server.answer = standard_keys() * 20
        with pytest.raises(JwksError):
            fetch_keys(server.url)
