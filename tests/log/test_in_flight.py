"""Appends that are not durable yet: in order, each waiter on its own."""

from __future__ import annotations

import asyncio

import pytest

from kafka_compat.log.in_flight import AppendsInFlight
from kafka_compat.storage.interface import Unavailable


class World:
    def __init__(self) -> None:
        self.durable: list[tuple[int, int]] = []
        self.lost = 0
        self.appends = AppendsInFlight(lambda end, size: self.durable.append((end, size)), self.lose)

    def lose(self) -> None:
        self.lost += 1
        self.appends.fail(Unavailable("lost"))


def future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def test_what_is_durable_out_of_order_waits_for_what_is_before_it() -> None:
    world = World()
    first, second = future(), future()
    waiters = [world.appends.add(first, 2, 20), world.appends.add(second, 5, 30), world.appends.add(None, 6, 10)]
    second.set_result(None)
    await asyncio.sleep(0)
    assert (world.durable, world.appends.is_empty) == ([], False)
    first.set_result(None)
    await asyncio.sleep(0)
    assert (world.durable, world.appends.is_empty) == ([(2, 20), (5, 30), (6, 10)], True)
    assert all(waiter.done() for waiter in waiters)


async def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    world = World()
    written = future()
    mine = world.appends.add(written, 2, 20)
    another = world.appends.wait_for(1)
    assert world.appends.wait_for(2) is None
    mine.cancel()
    written.set_result(None)
    await asyncio.sleep(0)
    assert another is not None
    assert another.done()
    assert world.durable == [(2, 20)]


async def test_a_lost_write_fails_all_that_are_in_flight_and_no_later_ones() -> None:
    world = World()
    written = [future(), future()]
    waiters = [world.appends.add(each, number, 1) for number, each in enumerate(written)]
    written[1].set_exception(Unavailable("disk full"))
    await asyncio.sleep(0)
    assert (world.lost, world.durable, world.appends.is_empty) == (1, [], True)
    for waiter in waiters:
        with pytest.raises(Unavailable):
            waiter.result()
    # A handle that was given up reports late.
    written[0].set_exception(Unavailable("disk full"))
    await asyncio.sleep(0)
    assert world.lost == 1
