"""What one does with sandboxes."""

import curfew

# Some code, under limits: 30 s of wall-clock time hold if nothing else is said.
with curfew.Sandbox(limits={"cpu_time": "100ms", "memory": "32MiB"}) as sandbox:
    print(sandbox.run("[1, 2, 3].map((n) => n * n)"))

    clean = sandbox.snapshot()
    try:
        sandbox.run("for (;;);")
    except curfew.Cancelled as ended:
        print("ended by", ended.terminated_by)
    sandbox.restore(clean)  # what was cut short is gone; the sandbox goes on
    print(sandbox.run("6 * 7"))

# A handler, and tools that it can import: Python's functions.
HANDLER = """
import { price } from "host:tools";
export function handler(order) {
    console.log("ordered:", order.item);
    return { total: order.count * price(order.item) };
}
"""
PRICES = {"tea": 3, "cake": 4}


def price(item):
    return PRICES[item]


with curfew.Sandbox({"order": HANDLER}, tools={"price": price}, console=lambda level, text: print(level, text, end="")) as shop:
    result, usage = shop.call_with_usage("order", {"item": "cake", "count": 2})
    print(result, usage.host_calls)
    try:
        shop.call("order", {"item": "gold", "count": 1})
    except curfew.HandlerError as thrown:
        print(thrown.code, thrown.stack.splitlines()[-1].strip())
