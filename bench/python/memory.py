"""Memory after many sandboxes that were made and dropped: flat, or something leaks.

    CURFEW_LIBRARY=build/release/src/c/libcurfew-c.so PYTHONPATH=bindings/python python3 bench/python/memory.py [COUNT]

COUNT is 100000 if it is not given. Each sandbox has a tool, a console and a limit, is called once, and is not closed. Exit status 1 if
the process has grown by more than 4 MiB since a tenth of them was made, or holds more descriptors.
"""

import gc
import os
import sys

import curfew

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
MOST_GROWTH = 4 << 20
HANDLERS = {"main": "import { add } from 'host:tools'; export const handler = (n) => { console.log(n); return add(n, 1) }"}


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def once(n):
    sandbox = curfew.Sandbox(
        HANDLERS, tools={"add": lambda a, b: a + b}, console=lambda level, text: None, limits={"cpu_time": "1s"}
    )
    assert sandbox.call("main", n) == n + 1


before = None
for n in range(COUNT + 1):
    once(n)
    if n > 0 and n % max(1, COUNT // 10) == 0:
        gc.collect()
        now = (resident(), descriptors())
        before = before or now
        print(f"{n:7} sandboxes: {now[0] / (1 << 20):.1f} MiB resident, {now[1]} descriptors", flush=True)
grown = now[0] - before[0]
print(f"grown by {grown / (1 << 10):.0f} KiB since the first tenth")
sys.exit(grown > MOST_GROWTH or now[1] > before[1])
