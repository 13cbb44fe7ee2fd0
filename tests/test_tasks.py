"""Supervisors: every task has an owner, every exception a defined end."""

from __future__ import annotations

import asyncio
import logging

import pytest

from kafka_compat.tasks import Supervisor


async def boom() -> None:
    raise ValueError("boom")


@pytest.mark.expects_errors("^broker 7: flushing failed")
async def test_an_unexpected_exception_is_logged_once_with_its_owner_and_meets_its_rule(
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner = Supervisor("broker 7")
    met: list[Exception] = []
    owner.spawn("flushing", boom(), on_failure=met.append)
    await owner.settle()
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "broker 7: flushing failed")
    assert record.exc_info is not None
    assert isinstance(met[0], ValueError)


@pytest.mark.expects_errors("^x: ")
async def test_a_rule_that_fails_is_reported_too(caplog: pytest.LogCaptureFixture) -> None:
    owner = Supervisor("x")

    def rule(error: Exception) -> None:
        raise KeyError(str(error))

    owner.spawn("a", boom(), on_failure=rule)
    await owner.settle()
    assert [record.getMessage() for record in caplog.records] == ["x: a failed", "x: the failure rule of a failed"]


async def test_closing_gives_grace_cancels_the_rest_and_starts_nothing_more() -> None:
    owner = Supervisor("x")
    done: list[str] = []

    async def quick() -> None:
        await asyncio.sleep(0)
        done.append("quick")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append("cancelled")

    owner.spawn("quick", quick())
    owner.spawn("endless", endless())
    waited_for = owner.start("endless", endless())
    await owner.close(grace_s=0.01)
    assert done == ["quick", "cancelled", "cancelled"]
    assert waited_for.cancelled()
    owner.spawn("late", quick())
    assert owner.start("late", endless()).cancelled()
    await owner.settle()
    assert len(done) == 3


async def test_who_waits_gets_the_outcome() -> None:
    owner = Supervisor("x")

    async def answer() -> int:
        return 42

    assert await owner.start("answer", answer()) == 42
    with pytest.raises(ValueError, match="boom"):
        await owner.start("boom", boom())
