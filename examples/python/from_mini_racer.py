"""What a program that used PyMiniRacer looks like."""

import curfew

LIMITS = {"wall_clock": 1.0, "memory": "32MiB"}

with curfew.Sandbox(limits=LIMITS) as sandbox:  # or with engine="node", which is V8
    sandbox.run("const rate = 0.19; function total(order) { return order.price * (1 + rate) }")
    print(sandbox.run("total({ price: 100 })"))  # or a handler: sandbox.call("total", {"price": 100})
    clean = sandbox.snapshot()
    try:
        sandbox.run("while (true) {}")
    except curfew.Cancelled as ended:
        print("ended by", ended.terminated_by)
        sandbox.restore(clean)  # `total` is still there
    except curfew.HandlerError as error:
        print(error)
    print(sandbox.run("total({ price: 200 })"))
