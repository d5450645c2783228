"""Compares the faces of Curfew with the tables that they are made from, so that none lags behind: its limits, error codes, options, usage,
observers' events and pools' reports in C, Python, Node.js and the command.

    compare.py ROOT TABLES_PROGRAM COMMAND [what TABLES_PROGRAM is to add...]

ROOT is the sources' folder. The package for Python is found by PYTHONPATH. Says what is missing where, and ends with 1 then.
"""

import inspect
import json
import pathlib
import re
import subprocess
import sys

import curfew
from curfew.settings import SandboxOptions

root = pathlib.Path(sys.argv[1])
faults = []


def text(name):
    """A file without the comments of C."""
    content = (root / name).read_text()
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", content, flags=re.S)


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def body(content, begin):
    """What is between braces after a text, and after their end."""
    at = content.index(begin)
    at = content.index("{", at)
    depth = 0
    for end in range(at, len(content)):
        depth += {"{": 1, "}": -1}.get(content[end], 0)
        if depth == 0:
            return content[at + 1 : end]
    raise ValueError(begin)


def camel(name):
    first, *rest = re.split("[_-]", name)
    return first + "".join(word.capitalize() for word in rest)


def demand(there, what, where):
    if not there:
        faults.append(f"{where} lacks {what}")


def same(found, wanted, what, where):
    for one in sorted(set(wanted) - set(found)):
        faults.append(f"{where} lacks the {what} {one}")
    for one in sorted(set(found) - set(wanted)):
        faults.append(f"{where} has the {what} {one}, which the table does not have")


c_header = text("include/curfew/c.h")
node_types = text("bindings/node/curfew.d.ts")
command_help = run(sys.argv[3], "run", "--help")
command_options = set(re.findall(r"(?<![\w-])--[\w-]+", command_help))


def c_names(enumeration):
    return re.findall(r"(CURFEW_\w+) =", body(c_header, f"typedef enum {enumeration} "))


def c_fields(structure):
    fields = re.findall(r"(\w+);", body(c_header, f"typedef struct {structure} "))
    return {re.sub("_ns$", "", field) for field in fields} - {"struct_size"}


# ---- Limits and error codes -------------------------------------------------------------------------------------------------

tables = [line.split() for line in run(sys.argv[2], *sys.argv[4:]).splitlines()]
limits = {words[1]: words[2] for words in tables if words[0] == "limit"}
codes = [words[1] for words in tables if words[0] == "code"]

options = {}
for line in (root / "tests/faces/options.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        cpp, *others = (part.strip() for part in line.split("|"))
        options[cpp] = dict(zip(("c", "python", "node", "command"), others))

same({kind.name for kind in curfew.limit_kinds()}, limits, "limit", "C's and Python's table")
node_limits = re.findall(r"^\s*(\w+)\?:", body(node_types, "interface Limits "), flags=re.M)
same(node_limits, {camel(option[2:]) for option in limits.values() if option != "-"}, "limit", "curfew.d.ts (Limits)")
for name, option in limits.items():
    if option == "-":
        demand(name in options, f"the limit {name}, whose value is no text", "options.txt")
    else:
        demand(option in command_options, f"the limit {name} ({option})", "curfew run")
        demand(name in (root / "docs/execution-monitors.md").read_text(), f"the limit {name}", "docs/execution-monitors.md")

same({name[len("CURFEW_") :].lower() for name in c_names("curfew_code")}, [*codes, "host_memory"], "error code", "c.h")
node_codes = re.findall(r"'(\w+)'", node_types[node_types.index("type ErrorCode") :].split(";")[0])
same(node_codes, [*codes, "reentrant"], "error code", "curfew.d.ts (ErrorCode)")
for code in codes:
    thrown = curfew.errors.error_of_code(
        code=code, message="", terminated_by="", stack="", ran=False, usage=curfew.Usage()
    )
    demand(code == "internal" or type(thrown) is not curfew.CurfewError, f"the error code {code}", "Python (errors.py)")
    demand(f"CURFEW_{code.upper()}" in (root / "docs/c.md").read_text(), f"the error code {code}", "docs/c.md")
    demand(code == "internal" or f"`{code}`" in (root / "docs/python.md").read_text(), f"the error code {code}", "docs/python.md")

# ---- Options ------------------------------------------------------------------------------------------------------------------

sandbox_header = text("include/curfew/sandbox.h")
builder = set(re.findall(r"SandboxBuilder& (with(?:out)?_\w+)\(", body(sandbox_header, "class CURFEW_EXPORT SandboxBuilder "))) - {
    "with_context_print"
}
pool = re.findall(r"^\s*[\w:]+ (\w+) =", body(text("include/curfew/sandbox_pool.h"), "struct SandboxPoolOptions "), flags=re.M)
of_limits = [name for name, option in limits.items() if option == "-"]
same([name for name in options if name.startswith("with")], builder, "setting", "options.txt")
same([name for name in options if not name.startswith("with")], [*of_limits, *pool], "setting", "options.txt")

node_options = re.findall(r"^  (\w+)\?:", body(node_types, "interface SandboxOptions "), flags=re.M)
for name, of_face in options.items():
    for face, called in of_face.items():
        if called == "-":
            continue
        if face == "c":
            there = re.search(rf"\b{called}\b", c_header)
        elif face == "python" and name in pool:
            there = called in inspect.signature(curfew.Pool).parameters
        elif face == "python" and name in of_limits:
            there = eval(f"curfew.{called}")  # noqa: S307: of our own table
        elif face == "python":
            there = called in SandboxOptions.__annotations__ and called in inspect.signature(curfew.Sandbox).parameters
        elif face == "node":
            there = called in node_options or (name in pool and re.search(rf"\b{called}\?:", node_types))
        else:
            there = called in command_options
        demand(there, f"{called}, for {name}", face)
    if name in builder and f"`{of_face['python']}`" not in (root / "docs/python.md").read_text() and of_face["python"] != "-":
        faults.append(f"docs/python.md lacks {of_face['python']}")
same(
    set(SandboxOptions.__annotations__) & set(inspect.signature(curfew.Sandbox).parameters),
    SandboxOptions.__annotations__,
    "parameter",
    "Python's Sandbox",
)

# And nothing that the table does not know.
own_of_node = {"monitors", "tools", "handlers", "modules", "signal"}
same({options[name]["node"] for name in builder} - {"-"}, set(node_options) - own_of_node, "setting", "options.txt (Node.js)")
own_of_c = {"add_file"}
of_c = set(re.findall(r"\bcurfew_builder_((?:set|add)_\w+)\(", c_header)) - own_of_c
same({re.sub("^curfew_builder_", "", row["c"]) for row in options.values() if row["c"].startswith("curfew_builder_")}, of_c,
     "setting", "options.txt (C)")
own_of_python = {"tools", "deferred", "files", "modules", "values"}
same({options[name]["python"] for name in builder} - {"-"}, set(SandboxOptions.__annotations__) - own_of_python,
     "setting", "options.txt (Python)")

# ---- Metrics: what an invocation used, what observers are told, what a pool has done ----------------------------------------------

usage = re.findall(r"(\w+)(?: = 0|\{\});", body(text("include/curfew/usage.h"), "struct Usage "))
same(c_fields("curfew_usage"), usage, "figure", "c.h (curfew_usage)")
same(curfew.Usage._fields, usage, "figure", "Python (Usage)")
node_usage = {"wall_time": "wallClockMs", "waiting_time": "waitingMs"}
NOT_IN_NODE = {"pages_dirtied"}  # which are counted on demand only
same(
    re.findall(r"readonly (\w+):", body(node_types, "interface Usage ")),
    [node_usage.get(name, camel(name) + ("Ms" if name.endswith("_time") else "")) for name in usage if name not in NOT_IN_NODE],
    "figure",
    "curfew.d.ts (Usage)",
)
said = json.loads(run(sys.argv[3], "run", "--json", "--eval", "1"))["usage"]
same({re.sub("_(ns|bytes)$", "", name) for name in said}, usage, "figure", "curfew run --json")

events = re.findall(r"virtual void (\w+)\(", text("include/curfew/observer.h") + text("include/curfew/monitor/observer.h"))
called = {"alarmed": "alarm", "terminated": "monitor_fired", "warned": "monitor_warned"}
events = [called.get(name, name) for name in events]
same({name[len("CURFEW_") :].lower() for name in c_names("curfew_event_kind")}, events, "event", "c.h")
same(set(curfew.observers.KINDS) - {""}, events, "event", "Python (observers.py)")

report = re.findall(r"(\w+) = 0;", body(text("include/curfew/sandbox_pool.h"), "struct SandboxPoolReport "))
same(c_fields("curfew_pool_report"), report, "figure", "c.h (curfew_pool_report)")
with curfew.Sandbox() as sandbox, curfew.Pool(sandbox.snapshot(), size=1) as pool_of_python:
    same(pool_of_python.report(), report, "figure", "Python (Pool.report)")

for fault in faults:
    print(fault)
print(f"compared {len(limits)} limits, {len(codes)} error codes, {len(options)} options, {len(usage)} figures, {len(events)} events")
sys.exit(bool(faults))
