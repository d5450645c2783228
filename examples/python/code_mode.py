"""A tool of an agent's loop: runs the code that a model has written, with the tools that it may call."""

import asyncio
import json

import curfew


async def weather(city):
    await asyncio.sleep(0.1)  # a request to somewhere
    return {"city": city, "degrees": {"Bonn": 18, "Oslo": 11}[city]}


async def convert(celsius):
    await asyncio.sleep(0.1)
    return celsius * 9 / 5 + 32


LIMITS = {"wall_clock": "5s", "cpu_time": "500ms", "memory": "32MiB", "host_calls": 100}


async def run_code(sandbox, clean, code):
    """What the model gets to read: a value with what was printed, or an error that says what to do better."""
    try:
        result, usage = await sandbox.run_with_usage(code, limits=LIMITS)
        return json.dumps({"value": result, "tool_calls": usage.host_calls})
    except curfew.HandlerError as thrown:
        return json.dumps({"error": str(thrown)})
    except curfew.Cancelled as ended:
        return json.dumps({"error": f"ended by {ended.terminated_by}"})
    finally:
        await sandbox.restore(clean)  # the next code finds nothing of this one's


async def main():
    # In place of a model's answers.
    answers = [
        """import { weather, convert } from "host:tools";
        const both = await Promise.all(["Bonn", "Oslo"].map((city) => weather(city)));
        const fahrenheit = await Promise.all(both.map((w) => convert(w.degrees)));
        return both.map((w, i) => `${w.city}: ${fahrenheit[i]}`);""",
        """import { weather } from "host:tools"; await weather("Atlantis")""",
        """while (true) {}""",
    ]
    async with curfew.AsyncSandbox.create(tools={"weather": weather, "convert": convert}) as sandbox:
        clean = await sandbox.snapshot()
        for code in answers:
            print(await run_code(sandbox, clean, code))


asyncio.run(main())
