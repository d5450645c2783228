"""What a sandbox can be told, files of snapshots, descriptions and observers."""

import datetime
import threading
from typing import Dict, List, Literal, Optional

import curfew
import pytest
from curfew.signatures import type_text


def handler(body: str) -> dict:
    return {"main": "export function handler(event) {" + body + "}"}


def test_all_settings_together():
    with curfew.Sandbox(
        handler("console.log('x'); return 1"),
        engine=curfew.engines()[0],
        heap="32MiB",
        stack=1 << 20,
        limits={"cpu_time": datetime.timedelta(seconds=5)},
        default_wall_limit=20,
        isolation={"side_channels": "basic", "restores": "strict", "branch_barrier": "where possible"},
        jitless=True,
        spinning=True,
        output_limit="1MiB",
        argument_limit=4096,
        open_calls=4,
        files={"/a.js": "export const a = 1"},
        modules={"tax": "export const tax = 19", "books:tax": "export const tax = 7"},
    ) as sandbox:
        assert sandbox.call("main") == 1
        program = "import { tax } from 'user:tax'; import { tax as less } from 'books:tax'; import { a } from '/a.js'; [tax, less, a]"
        assert sandbox.run(program) == [19, 7, 1]
    with curfew.Sandbox(handler("return 1"), strict=True, default_wall_limit=None) as sandbox:
        assert sandbox.call("main") == 1


@pytest.mark.parametrize(
    "options, said",
    [
        ({"isolation": {"clocks": "strict"}}, "side_channels"),
        ({"isolation": "strict"}, "dict"),
        ({"default_wall_limit": 0}, "None"),
        ({"default_wall_limit": "soon"}, "seconds"),
        ({"open_calls": "many"}, "count"),
        ({"heap": True}, "size"),
        ({"heap": -1}, "size"),
        ({"tools": ["f"]}, "dict"),
        ({"tools": {1: print}}, "text"),
        ({"tools": {"a\0b": print}}, "NUL"),
        ({"deferred": "approve"}, "list of names"),
        ({"deferred": [1]}, "list of names"),
        ({"console": 1}, "cannot be called"),
        ({"observer": 1}, "cannot be called"),
        ({"files": {"/a.js": b"bytes"}}, "text"),
        ({"files": ["/a.js"]}, "dict"),
        ({"folder": 7}, "path"),
        ({"folder": "/no/such/folder"}, "folder"),
        ({"modules": {"a": 1}}, "text"),
        ({"modules": {"node:a": ""}}, "space"),
        ({"fetch": {"origins": []}}, "curfew.Fetch"),
        ({"fetch": curfew.Fetch("https://a.example")}, "list of texts"),
        ({"fetch": curfew.Fetch(["ftp://a.example"])}, "ftp"),
        ({"fetch": curfew.Fetch([], max_requests=-1)}, "count"),
        ({"cgroup": 5}, "curfew.Cgroup"),
        ({"limits": {1: "1s"}}, "names of limits"),
        ({"limits": {"deadline": datetime.datetime.now()}}, "time zone"),
        ({"limits": {"memory": datetime.timedelta(1)}}, "timedelta"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said(options, said):
    try:
        with pytest.raises(curfew.InvalidArgument, match=said):
            curfew.Sandbox(handler("return 1"), **options)
    except curfew.Unavailable:
        assert "fetch" in options  # there is no libcurl here


def test_wrong_handlers_are_explained():
    for handlers in (["main"], "main", {1: ""}, {"main": 1}, {"main": None}):
        with pytest.raises(curfew.InvalidArgument):
            curfew.Sandbox(handlers)
    with pytest.raises(TypeError):
        curfew.Sandbox(colour="red")


def test_scripts_have_more_than_a_text():
    scripts = {
        "typed": curfew.Script("export const handler = (n: number): number => n + 1", typescript=True),
        "program": curfew.Script("event * 10", program=True, name="ten.js"),
    }
    with curfew.Sandbox(scripts) as sandbox:
        assert [sandbox.call("typed", 1), sandbox.call("program", 4)] == [2, 40]


def test_handlers_come_and_go():
    with curfew.Sandbox(handler("return 1")) as sandbox:
        sandbox.add_handler("late", "export const handler = () => 'late'")
        assert sandbox.call("late") == "late" and sandbox.handlers == ["main", "late"]
        with pytest.raises(curfew.InvalidArgument):
            sandbox.add_handler("late", "")
        sandbox.remove_handler("late")
        with pytest.raises(curfew.InvalidArgument):
            sandbox.call("late")


def test_a_quota_is_shared_and_a_soft_limit_only_warns():
    quota = curfew.Quota(0.02, 1e6)
    warned = threading.Event()
    loop = handler("while (event); const end = Date.now() + 20; while (Date.now() < end); return 1")

    def hear(event):
        if event.kind == "monitor_warned":
            warned.set()

    with curfew.Sandbox(loop, observer=hear) as sandbox:
        soft = curfew.Limits().soft(wall_clock="1ms")
        while not warned.is_set():
            assert sandbox.call("main", limits=soft) == 1
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True, limits=curfew.Limits(quota))
        assert ended.value.terminated_by == "quota" and quota.available < 0.02
    with pytest.raises(curfew.InvalidArgument):
        curfew.Quota(0, 1)
    with pytest.raises(curfew.InvalidArgument):
        curfew.Limits("cpu")


def test_deadlines_are_points_in_time():
    with curfew.Sandbox(handler("while (event); return 1")) as sandbox:
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        assert sandbox.call("main", limits={"deadline": later, "cpu_time": 5}) == 1
        assert sandbox.call("main", limits={"deadline": 3600}) == 1
        with pytest.raises(curfew.Cancelled) as ended:
            sandbox.call("main", True, limits={"deadline": "+20ms"})
        assert ended.value.terminated_by == "deadline"


def test_fetch_is_refused_where_it_is_not_allowed():
    script = {"main": "export const handler = (url) => fetch(url).then(() => 'fetched', (e) => e.cause?.message ?? e.message)"}
    policy = curfew.Fetch(
        ["http://127.0.0.1:9"],
        methods=["GET"],
        headers={"http://127.0.0.1:9": {"authorization": "secret"}},
        max_requests=3,
        time_limit=1.5,
    )
    try:
        sandbox = curfew.Sandbox(script, fetch=policy)
    except curfew.Unavailable:
        pytest.skip("there is no libcurl here")
    with sandbox:
        assert "example.com" in sandbox.call("main", "https://example.com/")


def test_snapshots_are_signed(tmp_path):
    key = curfew.SigningKey(b"k" * 32)
    (tmp_path / "key").write_bytes(b"k" * 32)
    with curfew.Sandbox(handler("return 7"), heap="8MiB") as sandbox:
        saved = sandbox.snapshot()
    assert saved.heap_size == 8 << 20 and saved.stack_size > 0 and not saved.jitless
    saved.save(tmp_path / "signed", key=key)
    same = curfew.Snapshot.load(tmp_path / "signed", key=curfew.SigningKey.from_file(tmp_path / "key"))
    with curfew.Sandbox.from_snapshot(same) as other:
        assert other.call("main") == 7
    saved.save(tmp_path / "plain")
    for name, other_key in (("plain", key), ("signed", curfew.SigningKey(b"x" * 32))):
        with pytest.raises(curfew.InvalidArgument):
            curfew.Snapshot.load(tmp_path / name, key=other_key)
    with pytest.raises(curfew.InvalidArgument):
        curfew.SigningKey(b"short")
    with pytest.raises(curfew.InvalidArgument, match="bytes"):
        curfew.SigningKey("text")
    with pytest.raises(curfew.InvalidArgument, match="SigningKey"):
        saved.save(tmp_path / "bad", key=b"k" * 32)
    with pytest.raises(curfew.InvalidArgument, match="heap"):
        curfew.Sandbox.from_snapshot(same, heap="4MiB")
    with pytest.raises(curfew.InvalidArgument, match="no colour"):
        curfew.Sandbox.from_snapshot(same, colour="red")
    with pytest.raises(curfew.InvalidArgument, match="Snapshot"):
        curfew.Sandbox.from_snapshot("signed")


def test_folders_have_tags_and_digests(tmp_path):
    folder = curfew.SnapshotFolder(tmp_path / "states")
    assert folder.tags() == []
    with curfew.Sandbox(handler("return 7")) as sandbox:
        digest = folder.save(sandbox.snapshot(), "nightly")
    assert digest.startswith("sha256:") and folder.digest("nightly") == digest and folder.tags() == ["nightly"]
    for name in ("nightly", digest):
        with curfew.Sandbox.from_snapshot(folder.load(name)) as other:
            assert other.call("main") == 7
    assert folder.remove_untagged() == 0
    folder.remove("nightly")
    assert folder.remove_untagged() == 1
    with pytest.raises(curfew.InvalidArgument):
        folder.load("nightly")


def test_tools_are_described_for_models():
    def price(item: str, count: int = 1, *, internal: bool = False) -> Dict[str, float]:
        """What it costs."""

    async def find(words: List[str], mode: Optional[Literal["a", "b"]] = None): ...

    class Reset:
        def __call__(self) -> None: ...

    with curfew.Sandbox(tools={"shop.price": price, "later.reset": Reset(), "len": len}, deferred=["approve"]) as sandbox:
        said = sandbox.describe()
    assert "/** What it costs. */\n  export function price(item: string, count?: number): Record<string, number>;" in said
    assert "export function reset(): void;" in said
    assert "export function approve(...args: any[]): Promise<any>;" in said
    assert "export function len(obj: any): any;" in said

    import asyncio

    async def main():
        async with curfew.AsyncSandbox.create(tools={"find": find}) as sandbox:
            return sandbox.describe()

    assert 'find(words: string[], mode?: "a" | "b" | null): Promise<any>;' in asyncio.run(main())


@pytest.mark.parametrize(
    "annotation, text",
    [
        (bytes, "Uint8Array"),
        (List[Optional[int]], "(number | null)[]"),
        (Dict[int, str], "Map<number, string>"),
        (datetime.datetime, "Date"),
        (object, "any"),
        ([1], "any"),
    ],
)
def test_annotations_become_types(annotation, text):
    assert type_text(annotation) == text


def test_observers_are_told():
    seen, all_seen = [], []
    with curfew.observe(all_seen.append):
        sandbox = curfew.Sandbox(handler("console.log('hello'); if (event) throw 1; return 1"), observer=seen.append)
        sandbox.call("main")
        with pytest.raises(curfew.HandlerError):
            sandbox.call("main", True)
        sandbox.close()
    curfew.Sandbox(handler("return 1")).close()
    assert [event.kind for event in seen] == [event.kind for event in all_seen]
    ended = [event for event in seen if event.kind == "invocation_ended" and event.handler == "main"]
    assert [event.outcome for event in ended] == ["completed", "failed"]
    assert ended[0].error is None and ended[0].usage.wall_time > 0
    assert isinstance(ended[1].error, curfew.HandlerError)
    printed = [event for event in seen if event.kind == "printed"]
    assert [(event.text, event.level) for event in printed] == [("hello", "log")] * 2
    assert seen[-1].kind == "sandbox_dropped" and seen[-1].stage
