"""Sandboxes and asyncio."""

import asyncio

import curfew
import pytest


def test_tools_run_side_by_side():
    asked = []
    all_asked = None

    async def weather(city):
        asked.append(city)
        if len(asked) == 3:
            all_asked.set()
        await all_asked.wait()  # one after the other they would wait for ever
        if city == "Atlantis":
            raise LookupError("no such city")
        return {"city": city, "degrees": 20}

    program = """
        import { weather } from 'host:tools';
        const cities = await Promise.all(['Bonn', 'Rome', 'Oslo'].map((city) => weather(city)));
        const said = await weather('Atlantis').catch((e) => e.message);
        return [cities.map((c) => c.city), said];"""

    async def main():
        nonlocal all_asked
        all_asked = asyncio.Event()
        async with await curfew.AsyncSandbox.create(tools={"weather": weather}) as sandbox:
            return await sandbox.run(program)

    assert asyncio.run(main()) == [["Bonn", "Rome", "Oslo"], "no such city"]


def test_the_event_loop_goes_on_while_a_guest_runs():
    async def main():
        async with await curfew.AsyncSandbox.create() as sandbox:
            running = asyncio.ensure_future(sandbox.run("for (;;);"))
            for _ in range(20):
                await asyncio.sleep(0.005)
            while not running.done():
                sandbox.kill()
                await asyncio.sleep(0.005)
            with pytest.raises(curfew.Cancelled) as ended:
                await running
            return ended.value.terminated_by

    assert asyncio.run(main()) == "kill"


def test_a_cancelled_task_ends_its_call():
    async def main():
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        tools = {"begin": lambda: loop.call_soon_threadsafe(begun.set) and None}
        async with curfew.AsyncSandbox.create(tools=tools) as sandbox:
            saved = await sandbox.snapshot()
            task = asyncio.ensure_future(sandbox.run("import { begin } from 'host:tools'; begin(); for (;;);"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await sandbox.poisoned()
            await sandbox.restore(saved)
            return await sandbox.run("1 + 1")

    assert asyncio.run(main()) == 2


def test_a_tool_that_calls_its_own_sandbox_is_refused_at_once():
    async def main():
        sandbox = None

        async def again():
            with pytest.raises(curfew.Busy):
                await sandbox.run("1")
            return "refused"

        sandbox = await curfew.AsyncSandbox.create(tools={"again": again})
        async with sandbox:
            return await sandbox.run("import { again } from 'host:tools'; await again()")

    assert asyncio.run(main()) == "refused"


def test_calls_queue_and_sandboxes_run_beside_each_other():
    async def main():
        counter = {"main": "let n = 0; export const handler = () => ++n"}
        sandboxes = await asyncio.gather(*(curfew.AsyncSandbox.create(counter) for _ in range(4)))
        results = await asyncio.gather(*(s.call("main") for s in sandboxes for _ in range(5)))
        await asyncio.gather(*(s.close() for s in sandboxes))
        return sorted(results)

    assert asyncio.run(main()) == sorted([1, 2, 3, 4, 5] * 4)


def test_async_tools_need_an_event_loop():
    async def tool():
        return 1

    with pytest.raises(curfew.InvalidArgument, match="AsyncSandbox"):
        curfew.Sandbox(tools={"tool": tool})


def test_a_call_that_ends_before_its_tools_do():
    async def main():
        begun, go_on, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def slow():
            begun.set()
            await go_on.wait()
            answered.set()
            return "late"

        async with await curfew.AsyncSandbox.create(tools={"slow": slow}) as sandbox:
            running = asyncio.ensure_future(sandbox.run("import { slow } from 'host:tools'; await slow()"))
            await begun.wait()
            while not running.done():
                sandbox.kill()
                await asyncio.sleep(0.005)
            with pytest.raises(curfew.Cancelled):
                await running
        go_on.set()
        await answered.wait()  # its answer is dropped, also when the sandbox is gone

    asyncio.run(main())


def test_pools_are_awaited():
    async def double(n):
        return n * 2

    async def main():
        script = {"main": "import { double } from 'host:tools'; export const handler = (n) => double(n)"}
        async with curfew.AsyncSandbox.create(script, tools={"double": double}) as sandbox:
            saved = await sandbox.snapshot()
        async with curfew.AsyncPool(saved, size=2) as pool:
            results = await asyncio.gather(*(pool.call("main", n) for n in range(8)))
            assert pool.report()["requests"] == 8
        with pytest.raises(curfew.Consumed):
            await pool.call("main", 1)
        return results

    assert asyncio.run(main()) == [n * 2 for n in range(8)]


def test_the_error_of_an_async_tool_is_the_cause():
    async def find(_name):
        raise LookupError("no such customer")

    async def main():
        script = {"main": "import { find } from 'host:tools'; export const handler = async (n) => await find(n)"}
        async with curfew.AsyncSandbox.create(script, tools={"find": find}) as sandbox:
            with pytest.raises(curfew.HandlerError) as thrown:
                await sandbox.call("main", "x")
            return thrown.value.cause

    assert isinstance(asyncio.run(main()), LookupError)


def test_calls_on_the_loop_itself():
    async def main():
        async with curfew.AsyncSandbox.create(
            {"main": "import { add } from 'host:tools'; export const handler = (n) => add(n, 1)"},
            tools={"add": lambda a, b: a + b},
            limits={"wall_clock": "5s"},
            on_loop=True,
        ) as sandbox:
            assert [await sandbox.call("main", n) for n in range(3)] == [1, 2, 3]
            pending = await sandbox.begin("main", 5)
            assert await pending.finish() == 6
            saved = await sandbox.snapshot()
        async with curfew.AsyncSandbox.from_snapshot(saved, on_loop=True) as other:
            assert await other.call("main", 1) == 2

        async def tool():
            return 1

        with pytest.raises(curfew.InvalidArgument, match="on_loop"):
            await curfew.AsyncSandbox.create(tools={"tool": tool}, on_loop=True)
        async with curfew.AsyncSandbox.create({"main": "export const handler = () => 1"}, tools={"tool": tool}) as made:
            saved = await made.snapshot()
        with pytest.raises(curfew.InvalidArgument, match="on_loop"):
            await curfew.AsyncSandbox.from_snapshot(saved, on_loop=True)

    asyncio.run(main())


def test_the_tools_of_a_snapshot_run_on_the_loop_of_now():
    async def double(n):
        await asyncio.sleep(0)
        return n * 2

    async def save():
        script = {"main": "import { double } from 'host:tools'; export const handler = (n) => double(n)"}
        async with curfew.AsyncSandbox.create(script, tools={"double": double}) as sandbox:
            return await sandbox.snapshot()

    async def use(saved):
        async with curfew.AsyncSandbox.from_snapshot(saved) as sandbox, curfew.AsyncPool(saved, size=1) as pool:
            return [await sandbox.call("main", 1), await pool.call("main", 2)]

    saved = asyncio.run(save())
    assert [asyncio.run(use(saved)) for _ in range(2)] == [[2, 4]] * 2
