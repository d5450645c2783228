"""An order that waits for a person's yes. Nothing runs while it waits; another process could go on with the file."""

import pathlib
import tempfile

import curfew

ORDER = """
import { approve } from "host:shop";
export async function handler(order) {
    return (await approve(order.item, order.price)) ? "sent: " + order.item : "not sent";
}
"""
DEFERRED = ["shop.approve"]  # tools without a function: whoever goes on with the call answers them

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder, "order")
    key = curfew.SigningKey(b"a secret of this host, 32 bytes!")

    with curfew.Sandbox({"order": ORDER}, deferred=DEFERRED) as sandbox:
        print(sandbox.describe(), end="")
        with sandbox.begin("order", {"item": "cake", "price": 40}):
            sandbox.snapshot().save(file, key=key)

    saved = curfew.Snapshot.load(file, key=key)
    (call,) = saved.waiting.open_calls
    print("waits for", call.name, call.arguments)
    for yes in (True, False):  # twice, from the same place
        with curfew.Sandbox.from_snapshot(saved, deferred=DEFERRED) as sandbox:
            order = sandbox.go_on()
            order.resume(call, yes)
            print(order.result())
