// curfew-conform: runs a checkout of test262 or of the web platform's tests in cells, and prints what fails.
#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>

#include <curfew/engine.h>
#include <curfew/engine_store.h>

#include "report.h"
#include "runner.h"
#include "suite.h"

namespace curfew::conform {
namespace {

struct Options {
    std::string suite{};
    std::string checkout{};
    std::string engine{};
    Selection selection{};
    RunOptions run{};
    double seconds = 10;
    bool beside = false;
    bool json = false;
};

[[noreturn]] void fail(const std::string& sentence) { throw std::runtime_error(sentence); }

Engine chosen_engine(const std::string& name) {
    if (name.empty()) {
        const auto engine = default_engine();
        if (!engine) fail(engine.error().message);
        return *engine;
    }
    const auto engine = find_engine(name);
    if (!engine) fail("This build has no engine " + name + ".");
    return *engine;
}

std::string program_of_node() {
    const auto state = inspect_engine(Engine::node);
    if (!state) fail("--beside needs Node.js: " + state.error().message);
    if (state->packages.empty()) fail("--beside needs Node.js: curfew engine install node brings it.");
    return state->packages.front().folder + "/bin/node";
}

// On a terminal, how far it is.
class Progress {
  public:
    explicit Progress(std::size_t count) : count_(count), is_shown_(::isatty(STDERR_FILENO) == 1) {}
    ~Progress() {
        if (is_shown_) std::fputs("\r\033[K", stderr);
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void operator()() {
        const std::size_t done = ++done_;
        if (is_shown_ && done % 100 == 0) std::fprintf(stderr, "\r%zu of %zu", done, count_);
    }

  private:
    std::size_t count_;
    std::atomic<std::size_t> done_{0};
    bool is_shown_;
};

void add_beside(Report& report, const Suite& suite, const std::string& checkout, unsigned jobs) {
    std::vector<Case> cases;
    for (const Failure& failure : report.failures) cases.push_back(failure.test);
    const auto outcomes = run_beside(suite, cases, program_of_node(), checkout, jobs);
    for (std::size_t i = 0; i < outcomes.size(); ++i) report.failures[i].beside = outcomes[i];
}

void run(Options options) {
    const std::string checkout = std::filesystem::canonical(options.checkout).string();
    const auto suite = options.suite == "test262" ? open_test262(checkout) : open_wpt(checkout);
    options.run.engine = options.selection.engine = chosen_engine(options.engine);
    options.run.time_limit = std::chrono::milliseconds(static_cast<long>(options.seconds * 1000));
    const Plan plan = suite->plan(options.selection);
    if (plan.cases.empty() && plan.skipped.empty())
        fail("No test of " + checkout + " has a path that begins with " + options.selection.only + ".");

    const auto start = std::chrono::steady_clock::now();
    Progress progress(plan.cases.size());
    const auto outcomes = run_cases(*suite, plan.cases, options.run, std::ref(progress));
    if (!outcomes) fail(outcomes.error().message);
    Report report = make_report(plan, *outcomes);
    report.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    report.suite = options.suite;
    report.engine = name_of(options.run.engine);
    if (options.beside) add_beside(report, *suite, checkout, options.run.jobs);
    std::fputs((options.json ? json_of(report) : text_of(report)).c_str(), stdout);
}

void declare(CLI::App& app, Options& options) {
    app.add_option("SUITE", options.suite, "test262, or wpt: the web platform's tests, those named *.any.js")
        ->required()
        ->check(CLI::IsMember({"test262", "wpt"}));
    app.add_option("DIR", options.checkout, "a checkout of it")->required()->check(CLI::ExistingDirectory);
    app.add_option("--engine", options.engine, "what runs the tests; the default is that of curfew run");
    app.add_option("--only", options.selection.only, "run tests whose path below DIR begins so: test/language/");
    app.add_option("--every", options.selection.every, "run one of so many of these files, in the order of their paths")
        ->check(CLI::PositiveNumber);
    app.add_option("--skip-feature", options.selection.skip_features,
                   "skip tests of test262 that have this feature; may be given several times")
        ->allow_extra_args(false);
    app.add_option("--jobs", options.run.jobs, "sandboxes at once; the default is one for each CPU")
        ->check(CLI::Range(1, 1024));
    app.add_option("--time-limit", options.seconds,
                   "seconds of CPU time for each test, and three times as many by the clock")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    app.add_flag("--beside", options.beside,
                 "run what fails in an ordinary Node as well, and say what fails there too");
    app.add_flag("--json", options.json, "print only the counts, as JSON");
}

}  // namespace
}  // namespace curfew::conform

int main(int argc, char** argv) {
    curfew::conform::Options options;
    options.run.jobs = std::max(1U, std::thread::hardware_concurrency());
    CLI::App app("Runs tests of the language or of the web in cells, restored after each test.", "./dev conform");
    curfew::conform::declare(app, options);
    CLI11_PARSE(app, argc, argv);
    try {
        curfew::conform::run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "conform: %s\n", error.what());
        return 1;
    }
    return 0;
}
