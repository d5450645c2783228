// A program deletes accounts, and each deletion waits for a person's yes. The process is killed while it waits, and another one
// goes on where it was: in the middle of the loop, with nothing run again.
//
//   example_approval start FILE     begins, and saves the waiting program to FILE
//   example_approval answer FILE    asks on the terminal about what FILE waits for, one call after the other
//   example_approval                shows it: starts one process, kills it, and answers in this one
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>

#include <curfew/curfew.h>

using namespace std::chrono_literals;

constexpr auto kProgram = R"(
    import { approve, remove } from 'accounts';
    export async function handler(event) {
        const deleted = [];
        for (const name of event.names) {
            if (!await approve('delete ' + name)) continue;
            remove(name);
            deleted.push(name);
        }
        return { deleted };
    })";

// Time that a person takes to answer is not the program's.
const std::tuple kLimits{curfew::CpuTimeMonitor(1s), curfew::WallClockMonitor(10s).excluding_pauses()};

curfew::Result<curfew::ProtoSandbox> make_host() {
    auto host = curfew::SandboxBuilder().build();
    if (!host) return host;
    host->host_module("accounts")
        .add_deferred<bool(std::string)>("approve")  // no body: whoever runs the invocation answers
        .add("remove", [](const std::string& name) { std::cout << "deleted " << name << '\n'; });
    return host;
}

// The key is the host's secret; a real one comes from where secrets are kept.
const curfew::SigningKey& key() {
    static const std::string secret(32, 's');
    static const auto key = curfew::SigningKey::from_bytes(std::as_bytes(std::span(secret))).value();
    return key;
}

curfew::Result<void> save(curfew::LoadedSandbox& sandbox, const std::string& file) {
    const auto snapshot = sandbox.snapshot();
    return snapshot ? snapshot->save(file, key()) : std::unexpected(snapshot.error());
}

curfew::Result<void> start(const std::string& file) {
    auto host = make_host();
    if (!host) return std::unexpected(host.error());
    auto sandbox = std::move(*host).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    if (auto added = sandbox->add_handler("delete", curfew::Script::from_content(kProgram)); !added) return added;
    auto loaded = std::move(*sandbox).load(curfew::CpuTimeMonitor(1s));
    if (!loaded) return std::unexpected(loaded.error());

    auto invocation = loaded->begin_event("delete", R"({"names":["ada","bob","eve"]})", kLimits);
    if (!invocation) return std::unexpected(invocation.error());
    if (auto saved = save(*loaded, file); !saved) return saved;
    std::cout << "waiting\n" << std::flush;
    ::pause();  // until somebody kills it
    return {};
}

curfew::Result<void> answer(const std::string& file, bool (*ask)(const std::string& question)) {
    const auto snapshot = curfew::Snapshot::load(file, key());
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto host = make_host();
    if (!host) return std::unexpected(host.error());
    auto sandbox = curfew::LoadedSandbox::from_snapshot(*snapshot, *host);
    if (!sandbox) return std::unexpected(sandbox.error());
    auto invocation = sandbox->continue_event(kLimits);
    if (!invocation) return std::unexpected(invocation.error());
    while (!invocation->done()) {
        for (const curfew::OpenHostCall& call : invocation->open_calls()) {
            const bool yes = ask(call.function + call.arguments);
            if (auto done = invocation->resume(call.id, yes ? "true" : "false"); !done) return done;
        }
        // This process may be killed as well: the next one goes on behind the answers that were given.
        if (invocation->done()) break;
        if (auto saved = save(*sandbox, file); !saved) return saved;
    }
    const auto result = invocation->result();
    if (!result) return std::unexpected(result.error());
    std::cout << result->result << '\n';
    return {};
}

bool ask_on_terminal(const std::string& question) {
    std::cout << question << "? (yes/no) " << std::flush;
    std::string line;
    return std::getline(std::cin, line) && line == "yes";
}

bool refuse_bob(const std::string& question) {
    const bool yes = question.find("bob") == std::string::npos;
    std::cout << question << ": " << (yes ? "yes" : "no") << '\n';
    return yes;
}

// Starts the program in another process, and kills that while it waits.
bool start_and_kill(const std::string& file) {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::execl("/proc/self/exe", "example_approval", "start", file.c_str(), nullptr);
        ::_exit(1);
    }
    ::close(ends[1]);
    char said[16]{};
    const bool waits = ::read(ends[0], said, sizeof said - 1) > 0 && std::string(said) == "waiting\n";
    ::close(ends[0]);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::cout << "it waited: " << waits << ", it was killed: " << WIFSIGNALED(status) << '\n';
    return waits;
}

int main(int count, char** words) {
    const std::string what = count > 1 ? words[1] : "";
    const std::string file =
        count > 2 ? words[2] : (std::filesystem::temp_directory_path() / "curfew-approval.snap").string();
    if (count < 3 && !start_and_kill(file)) return 1;
    const auto done = what == "start" ? start(file) : answer(file, what == "answer" ? ask_on_terminal : refuse_bob);
    if (count < 3) std::filesystem::remove(file);
    if (done) return 0;
    std::cerr << done.error().message << '\n';
    return 1;
}
