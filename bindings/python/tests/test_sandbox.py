"""What a sandbox does, and what it says when it does not."""

import gc
import json
import math
import threading
import weakref

import curfew
import pytest


def handler(body: str) -> dict:
    return {"main": "export function handler(event) {" + body + "}"}


def test_a_call_gives_a_value_and_what_it_used():
    with curfew.Sandbox({"greet": "export const handler = (e) => 'Hello, ' + e.name"}) as sandbox:
        assert sandbox.call("greet", {"name": "Wörld \U0001f30d"}) == "Hello, Wörld \U0001f30d"
        value, usage = sandbox.call_with_usage("greet", {"name": "again"})
        assert value == "Hello, again"
        assert usage.wall_time > 0 and usage.cpu_time > 0 and usage.peak_heap > 0
        assert sandbox.handlers == ["greet"]
        assert sandbox.engine in curfew.engines()
        assert not sandbox.poisoned


def test_some_code_runs_and_keeps_its_names():
    with curfew.Sandbox() as sandbox:
        assert sandbox.run("[1, 2, 3].map((n) => n * n)") == [1, 4, 9]
        sandbox.run("let total = 40")
        assert sandbox.run("total += 2; return total") == 42
        assert sandbox.run("await Promise.resolve(7)") == 7
        with pytest.raises(curfew.HandlerError, match="nowhere") as thrown:
            sandbox.run("\n\n  nowhere()", name="mine.js")
        assert "mine.js:3" in thrown.value.stack


def test_modules_are_imported_by_name():
    with curfew.Sandbox(modules={"tax": "export const tax = 19"}) as sandbox:
        assert sandbox.run("import { tax } from 'user:tax'; tax") == 19


@pytest.mark.parametrize("event", [None, True, 0, -1.5, "", "\ud800", [1, [2]], {"a": {"b": None}}, 2**53])
def test_values_pass(event):
    with curfew.Sandbox(handler("return event"), values="json") as sandbox:
        assert sandbox.call("main", event) == event


@pytest.mark.parametrize("event", [math.nan, object(), {1, 2}, b"bytes"])
def test_what_json_cannot_hold_is_refused(event):
    with curfew.Sandbox(handler("return event"), values="json") as sandbox:
        with pytest.raises(curfew.InvalidArgument, match="cannot be passed"):
            sandbox.call("main", event)
        assert sandbox.call("main", 1) == 1


def test_limits_end_calls_and_say_which():
    with curfew.Sandbox(handler("while (event); return 'done'"), limits={"cpu_time": "50ms"}) as sandbox:
        before = sandbox.snapshot()
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True)
        assert ended.value.terminated_by == "cpu-time"
        assert ended.value.usage.cpu_time + ended.value.usage.host_cpu_time > 0.04
        assert sandbox.poisoned
        with pytest.raises(curfew.Poisoned):
            sandbox.call("main", False)
        sandbox.restore(before)
        assert sandbox.call("main", False) == "done"
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True, limits={"wall_clock": 0.03, "cpu_time": "10s"})
        assert ended.value.terminated_by == "wall-clock"


@pytest.mark.parametrize(
    "limits, said",
    [
        ({"patience": "1s"}, "patience"),
        ({"cpu_time": "soon"}, "not a duration"),
        ({"cpu_time": 0}, "more than zero"),
        ({"memory": [1]}, "list"),
        ("100ms", "limits are str"),
    ],
)
def test_limits_that_are_none_are_explained(limits, said):
    with pytest.raises(curfew.InvalidArgument, match=said):
        curfew.Sandbox(handler("return 1"), limits=limits)


def test_all_limits_have_a_name_and_an_example():
    kinds = {kind.name: kind for kind in curfew.limit_kinds()}
    assert {"wall-clock", "cpu-time", "memory", "host-calls", "output"} <= kinds.keys()
    assert kinds["cpu-time"].example == "100ms"


def test_errors_of_scripts_have_a_stack():
    with curfew.Sandbox({"main": "export function handler() {\n  throw new TypeError('no way')\n}"}) as sandbox:
        with pytest.raises(curfew.HandlerError, match="no way") as thrown:
            sandbox.call("main")
        assert thrown.value.code == "handler_error" and thrown.value.ran
        assert "main.js:2" in thrown.value.stack
    with pytest.raises(curfew.CurfewError):
        curfew.Sandbox({"main": "function ("})


def test_tools_are_called_and_their_errors_passed_on():
    seen = []

    def price(item, *, currency="EUR"):
        if item == "gold":
            raise KeyError("gold")
        seen.append(item)
        return {"item": item, "price": 3}

    def double(data):
        return data + data

    script = """
        import { price } from 'host:shop';
        import { double } from 'host:tools';
        export function handler(event) {
            let said; try { price('gold') } catch (e) { said = e.message }
            return [price('tea').price, said, double(new Uint8Array([1, 2])).length];
        }"""
    with curfew.Sandbox({"main": script}, tools={"shop.price": price, "double": double}) as sandbox:
        assert sandbox.call("main") == [3, "'gold'", 4]
    assert seen == ["tea"]


def test_a_tool_cannot_use_its_sandbox():
    def again():
        with pytest.raises(curfew.Busy):
            sandbox.call("main", 0)
        with pytest.raises(curfew.Busy):
            sandbox.close()
        return "refused"

    script = "import { again } from 'host:tools'; export const handler = () => again();"
    with curfew.Sandbox({"main": script}, tools={"again": again}) as sandbox:
        assert sandbox.call("main") == "refused"


def test_an_exception_that_is_no_error_reaches_the_caller():
    def stop():
        raise KeyboardInterrupt

    script = "import { stop } from 'host:tools'; export const handler = () => { try { stop() } catch {} };"
    with curfew.Sandbox({"main": script}, tools={"stop": stop}) as sandbox:
        with pytest.raises(KeyboardInterrupt):
            sandbox.call("main")
        assert curfew.Sandbox(handler("return 1")).call("main") == 1


def test_what_is_printed_arrives():
    said = []
    script = handler("console.log('a', 1); console.warn('b'); print('c'); return null")
    with curfew.Sandbox(script, console=lambda level, text: said.append((level, text))) as sandbox:
        sandbox.call("main")
    assert said == [("log", "a 1\n"), ("warn", "b\n"), ("print", "c")]


def test_a_console_that_raises_reaches_the_caller():
    def console(level, text):
        raise RuntimeError("the disk is full")

    with curfew.Sandbox(handler("console.log('a'); return 1"), console=console) as sandbox:
        with pytest.raises(RuntimeError, match="disk"):
            sandbox.call("main")


def test_snapshots_go_back_and_into_files(tmp_path):
    counter = {"main": "let n = 0; export const handler = () => ++n"}
    with curfew.Sandbox(counter) as sandbox:
        assert sandbox.call("main") == 1
        saved = sandbox.snapshot()
        assert saved.size > 0
        assert sandbox.call("main") == 2
        sandbox.restore(saved)
        assert sandbox.call("main") == 2
    with curfew.Sandbox.from_snapshot(saved) as other:
        assert other.call("main") == 2
    saved.save(tmp_path / "state")
    with curfew.Sandbox.from_snapshot(curfew.Snapshot.load(tmp_path / "state"), limits={"cpu_time": "1s"}) as third:
        assert third.call("main") == 2
    with pytest.raises(curfew.InvalidArgument):
        curfew.Snapshot.load(tmp_path / "none")
    (tmp_path / "bad").write_bytes(b"bad" * 100)
    with pytest.raises(curfew.InvalidArgument):
        curfew.Snapshot.load(tmp_path / "bad")


def test_tools_of_a_snapshot_go_along_or_are_given():
    script = "import { who } from 'host:tools'; export const handler = () => who();"
    with curfew.Sandbox({"main": script}, tools={"who": lambda: "first"}) as sandbox:
        saved = sandbox.snapshot()
    with curfew.Sandbox.from_snapshot(saved) as other:
        assert other.call("main") == "first"
    with curfew.Sandbox.from_snapshot(saved, tools={"who": lambda: "second"}) as other:
        assert other.call("main") == "second"
    with pytest.raises(curfew.InvalidArgument, match="who"):
        curfew.Sandbox.from_snapshot(saved, tools={"other": lambda: 1})


def test_pools_serve_threads():
    with curfew.Sandbox({"main": "let n = 0; export const handler = (e) => [++n, e]"}) as sandbox:
        saved = sandbox.snapshot()
    results = []
    with curfew.Pool(saved, size=2) as pool:
        threads = [
            threading.Thread(target=lambda i=i: results.append((i, pool.call("main", i)))) for i in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [(i, [1, i]) for i in range(8)]
        assert pool.report()["requests"] == 8
    with pytest.raises(curfew.Consumed):
        pool.call("main")
    with pytest.raises(curfew.InvalidArgument, match="every"):
        curfew.Pool(saved, restore="sometimes")


def test_calls_of_several_threads_wait_for_each_other():
    with curfew.Sandbox({"main": "let n = 0; export const handler = () => ++n"}) as sandbox:
        results = []
        threads = [threading.Thread(target=lambda: results.append(sandbox.call("main"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == list(range(1, 9))


def test_a_call_can_be_killed_from_another_thread():
    started = threading.Event()
    with curfew.Sandbox(
        {"main": "import { begun } from 'host:tools'; export function handler() { begun(); for (;;); }"},
        tools={"begun": started.set},
    ) as sandbox:

        def kill():
            started.wait(60)
            while not sandbox.kill():
                pass

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main")
        killer.join()
        assert ended.value.terminated_by == "kill"
        assert not sandbox.kill()


def test_other_threads_run_while_a_guest_does():
    counted = 0
    done = threading.Event()

    def count():
        nonlocal counted
        while not done.is_set():
            counted += 1

    with curfew.Sandbox(handler("const end = Date.now() + 300; while (Date.now() < end); return 1")) as sandbox:
        thread = threading.Thread(target=count)
        thread.start()
        sandbox.call("main")
        done.set()
        thread.join()
    assert counted > 1000


def test_a_closed_sandbox_says_so():
    sandbox = curfew.Sandbox(handler("return 1"))
    sandbox.close()
    sandbox.close()
    with pytest.raises(curfew.Consumed):
        sandbox.call("main")
    assert not sandbox.kill()


def test_nobody_has_to_close():
    sandbox = curfew.Sandbox(handler("return 1"), tools={"f": lambda: 1}, console=lambda level, text: None)
    gone = weakref.ref(sandbox)
    sandbox.call("main")
    del sandbox
    gc.collect()
    assert gone() is None


def test_custom_limits_watch_in_two_phases():
    class ThirdTime:
        name = "third-time"

        def __init__(self):
            self.checks = 0
            self.usage = None

        def start(self, call):
            assert call.handler == "main"
            return 0.001

        def check(self, call):
            self.checks += 1
            self.usage = call.usage
            assert call.cpu_time >= 0
            return 0.001 if self.checks < 3 else 0

    watch = ThirdTime()
    with curfew.Sandbox(handler("while (event); return 1")) as sandbox:
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True, limits=curfew.Limits(watch))
        assert ended.value.terminated_by == "third-time"
        assert watch.checks == 3 and watch.usage.wall_time > 0

    class Refuses(ThirdTime):
        def start(self, call):
            raise RuntimeError("no")

    with curfew.Sandbox(handler("return 1")) as sandbox:
        with pytest.raises(curfew.MonitorFailed):
            sandbox.call("main", limits=curfew.Limits(Refuses()))
        assert sandbox.call("main") == 1


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: curfew.Sandbox(handler("return 1"), heap="much"), "size"),
        (lambda: curfew.Sandbox(handler("return 1"), heap=1), "heap"),
        (lambda: curfew.Sandbox(handler("return 1"), engine="spidermonkey"), "engine"),
        (lambda: curfew.Sandbox(handler("return 1"), tools={"f": 1}), "cannot be called"),
        (lambda: curfew.Sandbox(handler("return 1"), files={"/a.js": ""}, folder="/"), "either"),
        (lambda: curfew.Sandbox({"a\0b": "1"}), "NUL"),
        (lambda: curfew.Sandbox(handler("return 1")).call("nobody"), "nobody"),
        (lambda: curfew.Sandbox(handler("return 1")).call(1), "text"),
        (lambda: curfew.Sandbox().run(1), "text"),
    ],
)
def test_misuse_is_explained(make, said):
    with pytest.raises(curfew.InvalidArgument, match=said):
        make()


def test_files_are_imported():
    files = {"/lib/tax.js": "export const tax = 19"}
    with curfew.Sandbox({"main": "import { tax } from '/lib/tax.js'; export const handler = () => tax"}, files=files) as s:
        assert s.call("main") == 19


def test_a_full_heap_is_an_error_of_its_own():
    with curfew.Sandbox(handler("const a = []; for (;;) a.push([a.length])"), heap="4MiB") as sandbox:
        with pytest.raises(curfew.GuestOutOfMemory):
            sandbox.call("main")


def test_results_are_this_calls_own():
    with curfew.Sandbox(handler("return event")) as sandbox:
        for i in range(200):
            assert json.dumps(sandbox.call("main", i)) == str(i)
