#!/bin/bash
# misuse.sh COMPILER FOLDER: checks that the public headers explain usual mistakes in a sentence, and as the first thing that the
# compiler says.
set -euo pipefail
compiler=$1
cd "$2"

faults=0
fault() {
    printf '%s\n' "$@" ""
    faults=$((faults + 1))
}

# compile OPTION...: what the compiler says of standard input.
compile() {
    "$compiler" -Iinclude -fsyntax-only -Wall -x c++ "$@" - 2>&1 || true
}

first_complaint() {
    compile "$@" | grep -m 1 -E 'error:|warning:' || true
}

# The beginning of a function that has one object of each kind; no line feed at its end.
opening() {
    printf %s '#include <curfew/curfew.h>
#include <curfew/json.h>
using namespace curfew;
using namespace std::chrono_literals;
struct Place { double latitude = 0; };
struct NoMonitor { std::string_view name() const noexcept { return "x"; } };
struct OtherResult { int get_monitor(const Invocation&) const; std::string_view name() const noexcept; };
struct NoName { Result<MonitorTask> get_monitor(const Invocation&) const; };
struct ThrowingName { Result<MonitorTask> get_monitor(const Invocation&) const; std::string_view name() const; };
MonitorTask task() { co_await monitor::forever(); }
void use(LoadedSandbox& loaded, Sandbox& sandbox, ProtoSandbox& proto, Snapshot& snapshot, SandboxPool& pool) {
    (void)loaded, (void)sandbox, (void)proto, (void)snapshot, (void)pool;'
}

# expect SENTENCE CODE: the code gets that complaint.
expect() {
    local sentence=$1 code=$2 said
    said=$(first_complaint -std=c++23 <<<"$(opening) $code }")
    [[ $said == *"$sentence"* ]] || fault "Of this: $code" "the compiler should say: $sentence" "but says: $said"
}

# --- Results that are dropped ---

dropped=(
    'SandboxBuilder().build()'
    'std::move(proto).load_runtime()'
    'sandbox.add_handler("a", Script::from_content("1"))'
    'sandbox.remove_handler("a")'
    'std::move(sandbox).load()'
    'sandbox.interrupt_handle()'
    'loaded.handle_event("a", "1")'
    'loaded.snapshot()'
    'loaded.restore(snapshot)'
    'std::move(loaded).unload()'
    'LoadedSandbox::from_snapshot(snapshot)'
    'loaded.poisoned()'
    'snapshot.save("a")'
    'Snapshot::load("a")'
    'Script::from_file("a")'
    'Script::from_content("1")'
    'Script::from_content("1").with_virtual_base("/a")'
    'SandboxPool::create(snapshot)'
    'pool.handle_event("a", "1")'
    'pool.acquire()'
    'pool.report()'
    'MemoryFileSystem().add("/a", "")'
    'DirectoryFileSystem::open("/a")'
    'supervise(WallClockMonitor(1s), [] {}, [] {})'
    'WallClockMonitor(1s).excluding_host_calls()'
    'task()'
    'monitor::sleep(1s)'
    'monitor::forever()'
    'make_limit("cpu-time", "1s")'
    'parse_limit("cpu-time", "1s")'
    'inspect_machine()'
    'to_string(PrintLevel::warn)'
    'to_string(ErrorCode::internal)'
)
said=$(compile -std=c++23 <<<"$(opening)$(printf '\n%s;' "${dropped[@]}")
}")
first_line=$(opening | wc -l)
for i in "${!dropped[@]}"; do
    grep -qE "^<stdin>:$((first_line + 2 + i)):.*(nodiscard|ignoring return)" <<<"$said" ||
        fault "No warning that a result is dropped: ${dropped[i]};"
done
[ -z "$(first_complaint -std=c++23 <<<'#include <curfew/curfew.h>
void use(curfew::SandboxBuilder& builder, curfew::MemoryFileSystem& files, curfew::ProtoSandbox& proto) {
    builder.with_heap_size(1 << 24);
    files.remove("/a");
    proto.host_module("empty");
}')" ] || fault "What may be dropped gets a warning."

# Nothing that returns a Result is forgotten.
forgotten=$(grep -nE '^ *((static|virtual|CURFEW_EXPORT) )*Result<[^;=]*> [a-z_]+\(' -r include | grep -v '\[\[nodiscard\]\]' || true)
[ -z "$forgotten" ] || fault "These results may be dropped without a warning:" "$forgotten"

# --- What is no monitor ---

expect 'Result<MonitorTask> get_monitor(const Invocation& call) const' '(void)loaded.handle_event("a", "1", NoMonitor());'
expect 'Result<MonitorTask> get_monitor(const Invocation& call) const' '(void)loaded.handle_event("a", "1", 100ms);'
expect 'its get_monitor has to return curfew::Result<curfew::MonitorTask>' '(void)pool.handle_event("a", "1", OtherResult());'
expect 'std::string_view name() const noexcept' '(void)std::move(sandbox).load(NoName());'
expect 'its name() has to be noexcept' '(void)supervise(std::tuple{WallClockMonitor(1s), ThrowingName()}, [] {}, [] {});'
expect 'a vector of monitors has to be a std::vector<curfew::AnyMonitor>' \
    '(void)loaded.handle_event("a", "1", std::vector<WallClockMonitor>());'

# --- Types that JSON cannot be made of ---

macro='write NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Type, member, ...)'
expect "a host function takes this type" 'proto.host_module("a").add("b", [](const Place&) {});'
expect "$macro" 'proto.host_module("a").add("b", [](std::vector<Place>) {});'
expect "a host function returns this type" 'proto.host_module("a").add("b", [] { return Place(); });'
expect "$macro" 'proto.host_module("a").add("b", [] { return std::optional<Place>(); });'

# --- Compilers that are too old ---

for header in $(cd include && find . -name '*.h' | sed 's|^./||'); do
    # The one header that is C, too.
    if [ "$header" = curfew/c.h ]; then
        said=$(first_complaint -std=c++11 <<<"#include <$header>")
        [ -z "$said" ] || fault "<$header> as c++11: $said"
        continue
    fi
    for standard in c++17 c++20; do
        said=$(first_complaint -std=$standard <<<"#include <$header>")
        [[ $said == *"Curfew's headers need C++23"* ]] || fault "<$header> as $standard: $said"
    done
done

if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
echo "Usual mistakes are explained."
