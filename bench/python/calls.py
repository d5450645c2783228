"""What a call costs in Python, plain and awaited, beside one through C.

    CURFEW_LIBRARY=build/release/src/c/libcurfew-c.so PYTHONPATH=bindings/python \\
        python3 bench/python/calls.py build/release/bench/c/curfew-c-bench

Medians, and what one call in ten is faster than, which other work on the machine disturbs less.
"""

import asyncio
import re
import subprocess
import sys
import time

import curfew

CALLS = 20000
HANDLERS = {"one": "export function handler() { return 1 }"}


def quantiles(nanoseconds):
    ordered = sorted(nanoseconds)
    return ordered[len(ordered) // 10] / 1000, ordered[len(ordered) // 2] / 1000


def plain():
    times = []
    with curfew.Sandbox(HANDLERS) as sandbox:
        for _ in range(CALLS):
            begin = time.perf_counter_ns()
            sandbox.call("one", 1)
            times.append(time.perf_counter_ns() - begin)
    return quantiles(times)


async def awaited(**options):
    times = []
    async with curfew.AsyncSandbox.create(HANDLERS, **options) as sandbox:
        for _ in range(CALLS):
            begin = time.perf_counter_ns()
            await sandbox.call("one", 1)
            times.append(time.perf_counter_ns() - begin)
    return quantiles(times)


def through_c(program):
    said = subprocess.run([program, "plain"], check=True, capture_output=True, text=True).stdout
    return tuple(float(found) / 1000 for found in re.findall(r", C (\d+) ns", said))


rows = [
    ("C", through_c(sys.argv[1])),
    ("Python", plain()),
    ("awaited, on_loop", asyncio.run(awaited(on_loop=True))),
    ("awaited", asyncio.run(awaited())),
]
of_c = rows[0][1]
print(f"{'us a call':16} {'one in ten':>10} {'median':>8} {'over C':>8}")
for name, (fast, median) in rows:
    print(f"{name:16} {fast:10.1f} {median:8.1f} {median - of_c[1]:8.1f}")
