#include "cli/command_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/sandbox.h>
#include <curfew/version.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/engine_options.h"
#include "cli/option_set.h"
#include "cli/pause_options.h"
#include "cli/sandbox_option_set.h"
#include "cli/suggestion.h"

namespace curfew::cli {
namespace {

constexpr std::string_view kRunExample = R"(curfew run handler.js --event '{"name":"World"}' --cpu 100ms)";

constexpr std::string_view kOverview = R"(Runs untrusted JavaScript handlers in sealed cells, under limits that hold.

Usage: curfew COMMAND [OPTIONS]

Commands:
  run      run a handler on an event and print its result
  snapshot load a handler and save it in a file, from which it starts at once
  resume   answer the host calls that a saved handler waits for, and go on with it
  describe print what a handler can call as TypeScript, for a language model's prompt
  engine   bring the engine Node.js onto this machine, and say what there is of each engine
  doctor   report what this machine offers to cells, and what to do about what is missing
  bench    measure Curfew on this machine, beside the bare mechanisms

Options:
  -h, --help      print this, or after a command's name, that command's options
  -V, --version   print the versions of Curfew and its engines

Example:
  curfew run handler.js --event '{"name":"World"}' --cpu 100ms
)";

constexpr std::string_view kRunFooter = R"(
Durations are written 500us, 20ms, 2s, 1.5m or 1h; sizes 16MiB, 512KiB, 1GiB, 64MB or 65536; a deadline
2026-11-24T23:59:00Z, 2026-11-24T23:59:00+01:00, or +1.5s for so long from now. Any number of limits may be given: each
holds for loading the script and for each call anew, but for the deadline, and the first that is reached is named.
--wall and --deadline also hold while the script and the event are read.
Without --wall each may take 30s; with --wall none, until Ctrl-C ends it. A handler may print 16MiB. One that needs more memory than --heap gives gets
an error that it can catch; one that passes --memory is ended. What the handler prints goes to standard error, so that
standard output has the result alone.

With --modules, imports are looked for in DIR: from the script's own folder if that is in DIR, else from DIR. The handler
can read every file in DIR; nothing leads out of it.

Exit status:
  0  done
  1  the handler failed: its JavaScript error is on standard error
  2  wrong usage: an option, the file, or an event that is not JSON
  3  a limit ended the handler
  4  this machine cannot isolate a handler, or the engine is not installed; curfew doctor says more
  5  the handler waits for answers to calls of --pause-on, and was saved; curfew resume goes on
  130  Ctrl-C ended it (143: SIGTERM)

Examples:
  curfew run handler.js --event '{"name":"World"}'
  curfew run handler.js --event-file - --wall 1s --cpu 100ms --memory 8MiB < event.json
  curfew run handler.js --repeat 1000 --json
  curfew run -e 'const x = event.a; x * 2' --event '{"a":21}')";

Result<Request> parse_run(std::span<const std::string> arguments) {
    OptionSet options("run", "Runs a handler in a sealed cell and prints its result, which is JSON.", kRunExample,
                      kRunFooter);
    CLI::App& app = options.app();
    TextOption file, snapshot, program, code, event, event_file, event_cbor, repeat, tools, out;
    std::vector<std::string> pause_on;
    bool json = false;
    bool trace_calls = false;
    const auto add = [&](TextOption& target, const char* name, const char* type, const char* help) {
        target.option = app.add_option(name, target.value, help)->type_name(type);
    };
    add(file, "FILE", "",
        "The script: an ES module that exports handler, or one that defines function handler(event); - is standard "
        "input");
    add(snapshot, "--snapshot", "PATH", "In place of FILE: a file that curfew snapshot has made");
    add(program, "--program", "FILE",
        "In place of FILE: some code, whose result is what it returns, or the value of its last expression; it may "
        "await, "
        "and has the event as the global event; - is standard input");
    add(code, "-e,--eval", "CODE", "The same, given here");
    add(event, "--event", "JSON", "The event, which is the handler's argument; {} if none is given");
    add(event_file, "--event-file", "PATH", "A file that holds the event; - is standard input");
    add(event_cbor, "--event-cbor", "PATH",
        "A file that holds the event as CBOR; - is standard input. The result is printed as JSON all the same: what "
        "that cannot hold is an "
        "object such as {\"$bytes\": BASE64}");
    const SandboxOptionSet sandbox(app);
    add(repeat, "--repeat", "N", "Call the handler so many times; prints the last result, and how long calls took");
    add_names(app, "--pause-on", pause_on,
              "A host function that the handler can import and call, such as tools.delete, and whose calls stay open; "
              "may be given several times. Needs -o");
    add(tools, "--tools", "FILE", kToolsHelp);
    add(out, "-o,--out", "PATH", "The file in which the handler is saved when it waits for such calls");
    app.add_flag(
        "--trace-calls", trace_calls,
        "List the system calls that the engine asked for and did not get; they are refused with and without this");
    app.add_flag(
        "--json", json,
        "Print one JSON object with the result or the error, and what was used, with --repeat by the last call; "
        "pages only without --repeat");

    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);

    RunOptions run;
    const int given =
        (file.given() ? 1 : 0) + (snapshot.given() ? 1 : 0) + (program.given() ? 1 : 0) + (code.given() ? 1 : 0);
    if (given > 1)
        return options.explain("FILE, --snapshot, --program and -e exclude each other: there is one thing to run.");
    if (given == 0 || (file.given() && file.value.empty()) || (program.given() && program.value.empty())) {
        return options.explain("The script's file is missing.");
    }
    if (program.given()) file = program;
    if ((event.given() ? 1 : 0) + (event_file.given() ? 1 : 0) + (event_cbor.given() ? 1 : 0) > 1) {
        return options.explain("--event, --event-file and --event-cbor exclude each other: there is one event.");
    }
    if (event_cbor.given()) event_file = event_cbor;
    if (file.value == "-" && event_file.given() == "-") {
        return options.explain("FILE and --event-file cannot both be standard input.");
    }
    run.file = file.value;
    run.is_program = program.given().has_value();
    run.code = code.given();
    run.snapshot = snapshot.given();
    run.event = event.given().value_or("{}");
    run.event_file = event_file.given();
    run.event_is_cbor = event_cbor.given().has_value();
    run.json = json;
    run.trace_calls = trace_calls;
    if (const std::string wrong = sandbox.read(run.sandbox); !wrong.empty()) return options.explain(wrong);
    if (run.snapshot && run.sandbox.engine) {
        return options.explain(
            "--engine and --snapshot exclude each other: a snapshot goes on in the engine that it was made in.");
    }
    if (const std::string wrong = read_names(pause_on, "--pause-on", run.sandbox); !wrong.empty()) {
        return options.explain(wrong);
    }
    run.sandbox.tools = tools.given();
    const bool pauses = !pause_on.empty() || run.sandbox.tools;
    run.out = out.given();
    if (run.out && (run.out->empty() || run.out == "-")) return options.explain("-o needs a file.");
    if (run.out.has_value() != pauses) {
        return options.explain(run.out ? "-o is of use only with --pause-on and --tools."
                                       : "--pause-on and --tools need -o, a file to save to.");
    }
    if (run.sandbox.key_file && !run.out && !run.snapshot) {
        return options.explain("--key-file is of use only with --snapshot, or with -o.");
    }
    if (run.out && (repeat.given() || run.snapshot)) {
        return options.explain("--pause-on and --tools exclude --repeat and --snapshot.");
    }
    if (repeat.given()) {
        constexpr std::uint64_t kMostCalls = 10'000'000;
        const Result<std::uint64_t> count = base::parse_count(repeat.value, kMostCalls);
        if (!count) return options.explain("--repeat: " + count.error().message);
        run.repeat = *count;
    }
    return Request(run);
}

Result<Request> parse_snapshot(std::span<const std::string> arguments) {
    OptionSet options(
        "snapshot",
        "Loads a handler in a sealed cell and saves it in a file. curfew run --snapshot goes on from there, "
        "as does Snapshot::load of the library, with the same build of Curfew.",
        "curfew snapshot handler.js -o handler.snap",
        "\nThe limits hold for loading the script. Exit status: as of curfew run.");
    CLI::App& app = options.app();
    TextOption file, out;
    file.option = app.add_option("FILE", file.value, "The script, as for curfew run")->type_name("");
    out.option = app.add_option("-o,--out", out.value,
                                "The file to make; only its owner can read it. One of that name is replaced")
                     ->type_name("PATH");
    const SandboxOptionSet sandbox(app);
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);

    SnapshotOptions made{.file = file.value, .out = out.value};
    if (made.file.empty()) return options.explain("The script's file is missing.");
    if (made.out.empty()) return options.explain("-o is missing: the file to make.");
    if (made.out == "-")
        return options.explain(
            "A snapshot cannot be written to standard output; name a file (./- if it is to be called -).");
    if (const std::string wrong = sandbox.read(made.sandbox); !wrong.empty()) return options.explain(wrong);
    return Request(made);
}

Result<Request> parse_doctor(std::span<const std::string> arguments) {
    OptionSet options(
        "doctor", "Reports what this machine offers to cells, tries one, and says what to do about what is missing.",
        "curfew doctor",
        "\nExit status:\n  0  handlers can run here\n  1  the report could not be written\n  4  they cannot\n\n"
        "The object of --json has the keys usable (whether a handler ran), kernel, cpus, wake_up (with same_cpu_us,\n"
        "other_cpu_us and spinning_us), coarse_time_us (what SideChannels::strict costs a call), items (each with "
        "name, available, required, detail), engines (each as\n"
        "curfew engine list --json has it), and cell (start_ns and call_ns, or code and message). Others may join "
        "them.");
    DoctorOptions doctor;
    options.app().add_flag("--json", doctor.json, "Print one JSON object, for probes");
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);
    return Request(doctor);
}

Result<Request> parse_bench(std::span<const std::string> arguments) {
    OptionSet options("bench",
                      "Measures Curfew on this machine. Each figure stands beside that of the bare mechanism, measured "
                      "in the same run.",
                      "curfew bench --only restore",
                      "\nExamples:\n  curfew bench\n  curfew bench --only restore --json");
    BenchOptions bench;
    options.app()
        .add_option("--only", bench.filter,
                    "Only rows whose names, or whose benchmark's name, contain this; capitals are as small letters")
        ->type_name("TEXT");
    TextOption engine;
    engine.option =
        options.app()
            .add_option("--engine", engine.value, "What rows are measured on that name no engine: " + known_engines())
            ->type_name("NAME");
    options.app().add_flag("--json", bench.json, "Print one JSON array instead of a table");
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);
    if (engine.given()) {
        bench.engine = engine_named(engine.value);
        if (!bench.engine) {
            return options.explain("--engine: there is no engine " + base::in_quotes(engine.value) + "; take " +
                                   known_engines() + ".");
        }
    }
    return Request(bench);
}

struct Command {
    std::string_view name;
    Result<Request> (*parse)(std::span<const std::string>);
};

constexpr std::array kCommands{Command{"run", parse_run},       Command{"snapshot", parse_snapshot},
                               Command{"resume", parse_resume}, Command{"describe", parse_describe},
                               Command{"engine", parse_engine}, Command{"doctor", parse_doctor},
                               Command{"bench", parse_bench}};

std::string unknown_command(const std::string& word) {
    if (word.starts_with('-')) return "There is no option " + word + " before a command's name.";
    if (word.ends_with(".js") || word.ends_with(".mjs")) {
        return "There is no command " + word + "; did you mean curfew run " + word + "?";
    }
    std::vector<std::string> known;
    known.reserve(kCommands.size());
    for (const Command& command : kCommands) known.emplace_back(command.name);
    const std::optional<std::string> meant = nearest_word(word, known);
    return "There is no command " + word + (meant ? "; did you mean curfew " + *meant + "?" : ".");
}

}  // namespace

Result<Request> parse_command_line(std::span<const std::string> arguments) {
    const auto explain = [](const std::string& what) {
        return refuse(what + "\nExample: " + std::string(kRunExample) + "\nAll commands: curfew --help");
    };
    if (arguments.empty())
        return explain("A command is missing: run, snapshot, resume, describe, engine, doctor or bench.");

    const std::string& first = arguments.front();
    if (first == "-h" || first == "--help") return Request(ShowText{std::string(kOverview)});
    if (first == "--version" || first == "-V" || first == "version") return Request(ShowVersion{CURFEW_VERSION});
    if (first == "help") {
        if (arguments.size() == 1) return Request(ShowText{std::string(kOverview)});
        std::vector<std::string> words(arguments.begin() + 1, arguments.end());
        words.emplace_back("--help");
        return parse_command_line(words);
    }
    for (const Command& command : kCommands) {
        if (command.name == first) return command.parse(arguments.subspan(1));
    }
    return explain(unknown_command(first));
}

}  // namespace curfew::cli
