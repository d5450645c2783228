"""What goes wrong in Python's own functions, in other processes, and at the end."""

import os
import subprocess
import sys
import textwrap
import threading

import curfew
import pytest


def handler(body: str) -> dict:
    return {"main": "export function handler(event) {" + body + "}"}


def calls(tool: str) -> dict:
    return {"main": f"import {{ {tool} }} from 'host:tools'; export const handler = (e) => {tool}(e);"}


def test_the_error_of_a_tool_is_the_cause():
    class Lost(Exception):
        pass

    def find(_name):
        raise Lost("no such customer")

    with curfew.Sandbox(calls("find"), tools={"find": find}) as sandbox:
        with pytest.raises(curfew.HandlerError, match="no such customer") as thrown:
            sandbox.call("main", "x")
        assert isinstance(thrown.value.cause, Lost)
    catches = handler("try { find() } catch {} throw new Error('something else')")
    catches["main"] = "import { find } from 'host:tools'; " + catches["main"]
    with curfew.Sandbox(catches, tools={"find": find}) as sandbox:
        with pytest.raises(curfew.HandlerError) as thrown:
            sandbox.call("main")
        assert thrown.value.cause is None


@pytest.mark.parametrize("result", [object(), {1, 2}.__class__, [print]])
def test_what_a_tool_cannot_return_is_an_error_in_the_guest(result):
    with curfew.Sandbox(calls("odd"), tools={"odd": lambda _: result}) as sandbox:
        with pytest.raises(curfew.HandlerError, match="cannot be passed"):
            sandbox.call("main")


def test_a_tool_with_other_parameters_is_an_error_in_the_guest():
    with curfew.Sandbox(calls("none"), tools={"none": lambda: 1}) as sandbox:
        with pytest.raises(curfew.HandlerError, match="argument"):
            sandbox.call("main")


def test_an_exception_that_cannot_be_shown():
    class Broken(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    def find(_name):
        raise Broken

    with curfew.Sandbox(calls("find"), tools={"find": find}) as sandbox:
        with pytest.raises(curfew.HandlerError, match="Broken"):
            sandbox.call("main")


class Watch:
    name = "watch"

    def __init__(self, start=None, check=None):
        self._start, self._check = start, check

    def start(self, call):
        if self._start is not None:
            raise self._start
        return 0.001

    def check(self, call):
        if self._check is not None:
            raise self._check
        return 0


def test_what_a_limit_raises_is_the_cause():
    with curfew.Sandbox(handler("while (event); return 1")) as sandbox:
        with pytest.raises(curfew.MonitorFailed) as failed:
            sandbox.call("main", True, limits=curfew.Limits(Watch(start=RuntimeError("no quota service"))))
        assert str(failed.value.cause) == "no quota service"
        assert sandbox.call("main") == 1
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True, limits=curfew.Limits(Watch(check=RuntimeError("it broke"))))
        assert ended.value.terminated_by == "watch" and str(ended.value.cause) == "it broke"


def test_a_watched_call_that_is_over_says_so():
    kept = []

    class Keeps(Watch):
        def start(self, call):
            kept.append(call)
            return 60

    with curfew.Sandbox(handler("return 1")) as sandbox:
        sandbox.call("main", limits=curfew.Limits(Keeps()))
    with pytest.raises(curfew.InvalidArgument, match="over"):
        kept[0].usage  # noqa: B018


def test_one_that_stops_the_program_reaches_its_own_caller_only():
    def stop(_):
        raise SystemExit(3)

    with curfew.Sandbox(calls("stop"), tools={"stop": stop}) as sandbox:
        with pytest.raises(SystemExit):
            sandbox.call("main")
        saved = sandbox.snapshot()
    seen = []

    def call(pool):
        try:
            pool.call("main")
        except SystemExit:
            seen.append("stopped")

    with curfew.Pool(saved, size=2) as pool:
        threads = [threading.Thread(target=call, args=(pool,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == ["stopped"] * 4


def in_child(work):
    """What a forked child says."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"nothing"
        try:
            said = repr(work()).encode()
        except BaseException as thrown:
            said = f"{type(thrown).__name__}: {thrown}".encode()
        finally:
            os.write(writable, said)
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read().decode()
    assert os.waitpid(child, 0)[1] == 0
    return said


def test_a_forked_child_cannot_use_its_parents_objects_but_its_own():
    with curfew.Sandbox(handler("return event")) as sandbox:
        with curfew.Pool(sandbox.snapshot(), size=1) as pool:
            assert "belongs to the process" in in_child(lambda: sandbox.call("main", 1))
            assert "belongs to the process" in in_child(lambda: sandbox.snapshot())
            assert "belongs to the process" in in_child(lambda: pool.call("main", 1))
            assert in_child(lambda: [sandbox.kill(), sandbox.close(), pool.close()]) == "[False, None, None]"
            assert in_child(lambda: curfew.Sandbox(handler("return event * 2")).call("main", 4)) == "8"
            assert pool.call("main", 2) == 2
        assert sandbox.call("main", 3) == 3


def test_a_fork_while_a_call_runs():
    started = threading.Event()
    script = {"main": "import { begun } from 'host:tools'; export function handler() { begun(); for (;;); }"}
    with curfew.Sandbox(script, tools={"begun": started.set}) as sandbox:
        ended = []

        def call():
            try:
                sandbox.call("main")
            except curfew.Cancelled as error:
                ended.append(error.terminated_by)

        thread = threading.Thread(target=call)
        thread.start()
        assert started.wait(60)
        assert "belongs to the process" in in_child(lambda: sandbox.call("main"))
        while not sandbox.kill():
            pass
        thread.join()
        assert ended == ["kill"]


def run_python(code):
    return subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=100
    )


def test_a_process_ends_with_calls_in_the_middle():
    done = run_python(
        """
        import threading, curfew
        started = threading.Event()
        sandbox = curfew.Sandbox({"main": "import { begun } from 'host:tools'; export function handler() { begun(); for (;;); }"},
                                 tools={"begun": started.set})
        threading.Thread(target=lambda: sandbox.call("main"), daemon=True).start()
        started.wait()
        waiting = curfew.Sandbox({"main": "export const handler = () => new Promise(() => setTimeout(() => {}, 1e6))"})
        pending = waiting.begin("main")
        print("end")
        """
    )
    assert done.stdout == "end\n" and done.returncode == 0 and "Fatal" not in done.stderr


def test_the_event_loop_may_end_before_the_sandbox():
    done = run_python(
        """
        import asyncio, curfew
        async def slow(): await asyncio.sleep(60)
        async def make():
            sandbox = await curfew.AsyncSandbox.create({"main": "import { slow } from 'host:tools'; export const handler = () => slow()"},
                                                       tools={"slow": slow})
            return sandbox, await sandbox.begin("main")
        kept = asyncio.run(make())
        print("end")
        """
    )
    assert done.stdout == "end\n" and done.returncode == 0, done.stderr


def test_threads_and_closing():
    with curfew.Sandbox(handler("for (;;);")) as sandbox:
        refused = []

        def call():
            try:
                sandbox.call("main")
            except curfew.CurfewError as error:
                refused.append(type(error))

        threads = [threading.Thread(target=call) for _ in range(3)]
        for thread in threads:
            thread.start()
        while len(refused) < 1:
            sandbox.kill()
        sandbox.close()
        for thread in threads:
            thread.join()
    assert len(refused) == 3 and set(refused) <= {curfew.Cancelled, curfew.Poisoned, curfew.Consumed}


def test_closed_objects_say_so():
    with curfew.Sandbox(handler("return 1")) as sandbox:
        saved = sandbox.snapshot()
    pool = curfew.Pool(saved)
    pool.close()
    pool.close()
    for use in (lambda: pool.call("main"), lambda: sandbox.call("main"), lambda: sandbox.poisoned, lambda: sandbox.restore(saved)):
        with pytest.raises(curfew.Consumed):
            use()
    with pytest.raises(curfew.InvalidArgument):
        curfew.Pool(sandbox)
    with pytest.raises(curfew.InvalidArgument):
        curfew.Pool(saved, size=-1)
