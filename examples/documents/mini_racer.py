"""What a program with PyMiniRacer looks like, beside examples/python/from_mini_racer.py."""

from py_mini_racer import MiniRacer, JSEvalException, JSTimeoutException

ctx = MiniRacer()
ctx.eval("const rate = 0.19; function total(order) { return order.price * (1 + rate) }")
print(ctx.call("total", {"price": 100}))
try:
    ctx.eval("while (true) {}", timeout_sec=1, max_memory=32 << 20)
except JSTimeoutException:
    ctx = MiniRacer()  # start again
except JSEvalException as error:
    print(error)
