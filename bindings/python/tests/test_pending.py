"""Invocations that wait."""

import asyncio
import gc

import curfew
import pytest

ASKS = """
import { approve } from 'host:shop';
export async function handler(names) {
    const said = [];
    for (const name of names) said.push(await approve(name, new Uint8Array([1])).catch((e) => e.message));
    return said;
}"""
SLEEPS = "export async function handler(ms) { await new Promise((r) => setTimeout(r, ms)); return 'late' }"


def shop(**options):
    return curfew.Sandbox({"main": ASKS}, deferred=["shop.approve"], **options)


def test_open_calls_are_answered():
    with shop() as sandbox:
        pending = sandbox.begin("main", ["ada", "bob"])
        assert not pending.done and not pending.can_go_on and not pending.wait(0.001)
        (call,) = pending.open_calls
        assert (call.name, call.arguments) == ("shop.approve", ["ada", {"$bytes": "AQ=="}])
        with pytest.raises(curfew.InvalidArgument):
            pending.result()
        with pytest.raises(curfew.InvalidArgument):
            pending.finish()
        with pytest.raises(curfew.InvalidArgument):
            pending.resume(call.id + 100, 1)
        with pytest.raises(curfew.InvalidArgument, match="open call"):
            pending.resume("first", 1)
        with pytest.raises(curfew.InvalidArgument):
            sandbox.call("main", [])
        pending.go_on()  # there is nothing to do
        pending.resume(call, {"yes": True})
        with pytest.raises(curfew.InvalidArgument):
            pending.resume(call, 1)
        waiting = pending.waiting
        assert waiting.handler == "main" and waiting.due is None and waiting.usage.host_calls == 2
        pending.fail(waiting.open_calls[0], LookupError("not today"))
        assert pending.done and pending.can_go_on and pending.waiting is None and pending.open_calls == []
        assert pending.usage.waiting_time > 0
        value, usage = pending.result_with_usage()
        assert value == [{"yes": True}, "not today"] and usage.host_calls == 2
        with pytest.raises(curfew.Consumed):
            pending.result()
        assert len(sandbox.call("main", [1])) == 1  # nobody answers: it is rejected


def test_it_is_saved_while_it_waits_and_goes_on_elsewhere(tmp_path):
    key = curfew.SigningKey(b"0123456789abcdef")
    with shop() as sandbox:
        with sandbox.begin("main", ["ada"]):
            sandbox.snapshot().save(tmp_path / "state", key=key)
    snapshot = curfew.Snapshot.load(tmp_path / "state", key=key)
    waiting = snapshot.waiting
    assert waiting.handler == "main" and waiting.open_calls[0].arguments[0] == "ada"
    assert snapshot.requirements == {"shop": ["approve"]} and snapshot.handlers == ["main"] and snapshot.is_loaded
    for answer in (True, False):
        with curfew.Sandbox.from_snapshot(snapshot, deferred=["shop.approve"]) as other:
            assert other.waits
            pending = other.go_on(limits={"wall_clock": "30s"})
            pending.resume(waiting.open_calls[0], answer)
            assert pending.finish() == [answer]
            assert not other.waits
            with pytest.raises(curfew.InvalidArgument):
                other.go_on()
            assert other.snapshot().waiting is None


def test_timers_go_on_by_themselves():
    with curfew.Sandbox({"main": SLEEPS}) as sandbox:
        assert sandbox.begin("main", 5).finish() == "late"
        pending = sandbox.begin("main", 10)
        while not pending.done:
            assert pending.wait()
            pending.go_on()
        assert pending.result() == "late"


def test_limits_hold_while_it_waits():
    with shop() as sandbox:
        pending = sandbox.begin("main", ["ada"], limits={"wall_clock": "300ms"})
        assert pending.wait()
        with pytest.raises(curfew.Cancelled) as ended:
            pending.result()
        assert ended.value.terminated_by == "wall-clock"
        assert sandbox.poisoned


def test_limits_that_leave_pauses_out():
    with shop() as sandbox:
        limits = curfew.Limits().wall_clock(10, without_pauses=True, without_tools=True)
        pending = sandbox.begin("main", ["ada"], limits=limits)
        pending.resume(pending.open_calls[0], 1)
        assert pending.result() == [1]


def test_one_that_nobody_has_any_more_is_ended():
    with shop() as sandbox:
        clean = sandbox.snapshot()
        pending = sandbox.begin("main", ["ada"])
        del pending
        gc.collect()
        assert sandbox.poisoned
        sandbox.restore(clean)
        assert sandbox.call("main", []) == []
        with sandbox.begin("main", ["ada"]) as pending:
            pass
        with pytest.raises(curfew.InvalidArgument, match="closed"):
            pending.done  # noqa: B018
        pending.close()


def test_a_sandbox_that_is_closed_ends_it():
    sandbox = shop()
    pending = sandbox.begin("main", ["ada"])
    sandbox.close()
    with pytest.raises(curfew.Consumed):
        pending.resume(1, 1)
    pending.close()


def test_waiting_needs_no_thread_with_asyncio():
    async def main():
        async with curfew.AsyncSandbox.create({"main": ASKS, "sleep": SLEEPS}, deferred=["shop.approve"]) as sandbox:
            pending = await sandbox.begin("main", ["ada", "bob"])
            assert not await pending.done()
            finishing = asyncio.ensure_future(pending.finish())
            for answer in ("yes", LookupError("no")):
                (call,) = await pending.open_calls()
                if isinstance(answer, str):
                    await pending.resume(call, answer)
                else:
                    assert (await pending.waiting()).handler == "main"
                    await pending.fail(call, answer)
            first = await finishing
            saved = await sandbox.snapshot()
            async with await sandbox.begin("sleep", 5) as sleeping:
                second = await sleeping.finish()
            assert not await sandbox.waits()
            async with await sandbox.begin("main", ["ada"]):
                waiting = await sandbox.snapshot()
            await sandbox.restore(saved)
        async with curfew.AsyncSandbox.from_snapshot(waiting) as other:
            third = await other.go_on()
            await third.resume((await third.open_calls())[0].id, 7)
            return first, second, await third.result()

    assert asyncio.run(main()) == (["yes", "no"], "late", [7])


def test_many_wait_for_async_tools_on_one_loop():
    script = "import { slow } from 'host:tools'; export const handler = async (n) => (await slow(n)) + 1"

    async def slow(n):
        await asyncio.sleep(0.01)
        return n

    async def one(n):
        async with curfew.AsyncSandbox.create({"main": script}, tools={"slow": slow}) as sandbox:
            return await (await sandbox.begin("main", n)).finish()

    async def main():
        return await asyncio.gather(*(one(n) for n in range(10)))

    assert asyncio.run(main()) == list(range(1, 11))


def test_programs_wait_too():
    program = "import { approve } from 'host:shop'; const said = await approve(event); return said * 2"
    with shop() as sandbox:
        for n in (1, 2):
            pending = sandbox.begin_run(program, n)
            assert pending.open_calls[0].arguments == [n]
            pending.resume(pending.open_calls[0], n * 10)
            assert pending.result() == n * 20
        with pytest.raises(curfew.HandlerError):
            sandbox.begin_run("let = 1")

    async def main():
        async def slow(n):
            await asyncio.sleep(0.001)
            return n

        async with curfew.AsyncSandbox.create(tools={"slow": slow}) as sandbox:
            return await (await sandbox.begin_run("import { slow } from 'host:tools'; await slow(event)", 3)).finish()

    assert asyncio.run(main()) == 3
