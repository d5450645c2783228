"""What Python declares of <curfew/c.h> is what the header says."""

import ctypes
import os
import pathlib
import re

import curfew
from curfew import _functions, _structures, observers

HEADER = pathlib.Path(os.environ.get("CURFEW_HEADER", pathlib.Path(__file__).parents[3] / "include/curfew/c.h")).read_text()
CODE = re.sub(r"/\*.*?\*/", " ", HEADER, flags=re.S)
STRUCTURES = {
    name: [re.findall(r"\w+", re.sub(r"\(\*(\w+)\).*", r"\1", field))[-1] for field in body.split(";") if field.strip()]
    for body, name in re.findall(r"typedef struct curfew_\w+ \{(.*?)\} (curfew_\w+);", CODE, flags=re.S)
}
ENUMERATIONS = {
    name: dict((key, int(value)) for key, value in re.findall(r"(CURFEW_\w+) = (\d+)", body))
    for body, name in re.findall(r"typedef enum curfew_\w+ \{(.*?)\} (curfew_\w+);", CODE, flags=re.S)
}
FUNCTIONS = {
    name: (result, [one.strip() for one in parameters.split(",") if one.strip() != "void"])
    for result, name, parameters in re.findall(
        r"CURFEW_C_(?:API|CHECKED)\s+([\w\s]+?\*?)\s*(curfew_\w+)\(([^()]*)\);", CODE
    )
}

_STRUCTURE_NAMES = {
    "CUsage": "curfew_usage",
    "CScriptOptions": "curfew_script_options",
    "CCallOptions": "curfew_call_options",
    "CPoolOptions": "curfew_pool_options",
    "CPoolReport": "curfew_pool_report",
    "CArgument": "curfew_argument",
    "CLimitKind": "curfew_limit_kind",
    "COpenCall": "curfew_open_call",
    "CSnapshotInfo": "curfew_snapshot_info",
    "CDescription": "curfew_description",
    "CFetchHeader": "curfew_fetch_header",
    "CFetchPolicy": "curfew_fetch_policy",
    "CEvent": "curfew_event",
    "CMonitor": "curfew_monitor",
}


def test_structures_have_the_fields_of_the_header():
    declared = {name for name in vars(_structures) if isinstance(getattr(_structures, name), type(ctypes.Structure))}
    assert declared - {"Structure"} == _STRUCTURE_NAMES.keys()
    assert set(_STRUCTURE_NAMES.values()) == STRUCTURES.keys()
    for name, of_header in _STRUCTURE_NAMES.items():
        assert [field for field, *_ in getattr(_structures, name)._fields_] == STRUCTURES[of_header], name


def kind_of(parameter: str) -> str:
    """The letter that _functions has for a parameter of the header's."""
    plain = re.sub(r"\bconst\b|\bstruct\b", "", parameter)
    if re.search(r"\*\*|curfew_\w+\*\* ", plain):
        return "o"
    words = plain.replace("*", " * ").split()
    kind, pointer = words[0], "*" in words
    if pointer:
        if kind == "char":
            return "s"
        if kind == "size_t":
            return "l"
        return kind
    return {"size_t": "n", "int": "i", "uint32_t": "u", "uint64_t": "U", "int64_t": "I"}.get(kind, kind)


def test_functions_have_the_parameters_of_the_header():
    assert len(FUNCTIONS) > 100
    for line in _functions.SIGNATURES.strip().split("\n"):
        name, _, kinds = line.partition(" = ")
        declared = kinds.split()[1:]
        result, parameters = FUNCTIONS["curfew_" + name]
        assert len(declared) == len(parameters), name
        for one, parameter in zip(declared, parameters):
            kind = kind_of(parameter)
            if len(kind) == 1:
                # A secret's bytes are given as a text is; callbacks' users and enumerations are what they are in C.
                assert one == kind or (kind, one) == ("U", "tokens"), (name, parameter)
            elif one == "s":
                assert kind == "void", (name, parameter)
            elif one == "i":
                assert kind in ENUMERATIONS, (name, parameter)
            elif one not in ("p", "tokens"):
                expected = "curfew_" + re.sub(r"(?<!^)(?=[A-Z])", "_", one).lower()
                assert kind == expected, (name, parameter)
        of_result = kinds.split()[0]
        assert (of_result == "v") == (result == "void"), name
        assert (of_result == "e") == result.startswith("curfew_error"), name


def test_constants_are_those_of_the_header():
    kinds = {value: name for name, value in ENUMERATIONS["curfew_event_kind"].items()}
    assert ["", *(kinds[i][len("CURFEW_") :].lower() for i in range(1, len(kinds) + 1))] == list(observers.KINDS)
    levels = {value: name for name, value in ENUMERATIONS["curfew_print_level"].items()}
    assert [levels[i][len("CURFEW_") :].lower() for i in range(len(levels))] == list(observers.LEVELS)
    assert len(ENUMERATIONS["curfew_limit_form"]) == len(curfew.limits._FORMS)
    assert len(ENUMERATIONS["curfew_restore_policy"]) == len(curfew.pool._POLICIES)
    assert len(ENUMERATIONS["curfew_isolation"]) == len(curfew.settings._ISOLATION)


def test_every_error_of_the_header_has_an_exception():
    for name in ENUMERATIONS["curfew_code"]:
        code = name[len("CURFEW_") :].lower()
        thrown = curfew.errors.error_of_code(
            code=code, message="m", terminated_by="", stack="", ran=False, usage=curfew.Usage()
        )
        if code == "host_memory":
            assert type(thrown) is MemoryError
        elif code == "internal":
            assert type(thrown) is curfew.CurfewError
        else:
            assert type(thrown) is not curfew.CurfewError and thrown.code == code, code


def test_usage_has_all_of_the_header():
    fields = {re.sub("_ns$", "", field) for field in STRUCTURES["curfew_usage"]} - {"struct_size"}
    assert fields == set(curfew.Usage._fields)
