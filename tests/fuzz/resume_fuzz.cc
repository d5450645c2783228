// Feeds what means harm to invocations that wait: answers of any kind to open calls, and snapshot files whose description and memory
// say anything, with right checksums. Whatever comes, the host goes on: it refuses, or the cell ends within its limits.
//
// resume_fuzz [SECONDS [SEED]], on the engine of CURFEW_ENGINE; or resume_fuzz --inputs N, the same each time.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include <curfew/curfew.h>
#include <curfew/host/values.h>

#include "base/checksum.h"
#include "value/testing/hostile_cbor.h"

namespace {

using namespace curfew;
using namespace std::chrono_literals;

constexpr const char* kScript = R"(
    import { ask, look } from 'host:tools';
    export async function handler(event) {
        const seen = [];
        for (let i = 0; i < 3; ++i) {
            try {
                seen.push(await Promise.race([ask(String(i)), look(event, i)]));
            } catch (thrown) {
                seen.push(thrown);
            }
        }
        return seen;
    })";

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

ProtoSandbox make_host() {
    auto proto = SandboxBuilder().build();
    if (!proto) give_up(proto.error().message);
    proto->host_module("tools").add_deferred<bool(std::string)>("ask").add_deferred<Value(Value, int)>("look");
    return std::move(*proto);
}

auto limits() { return std::tuple(WallClockMonitor(200ms), CpuTimeMonitor(100ms)); }

class ResumeFuzz {
  public:
    explicit ResumeFuzz(unsigned seed) : engine_(seed), cbor_(seed) {
        std::string name = std::filesystem::temp_directory_path() / "curfew_resume_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "a.snap";
        auto sandbox = make_host().load_runtime();
        if (!sandbox) give_up(sandbox.error().message);
        if (!sandbox->add_handler("main", Script::from_content(kScript))) give_up("the script was refused");
        auto loaded = std::move(*sandbox).load();
        if (!loaded) give_up(loaded.error().message);
        auto begun = loaded->begin_event("main", Value(Value::Object{{"name", "ada"}}));
        if (!begun) give_up(begun.error().message);
        auto saved = loaded->snapshot();
        if (!saved) give_up(saved.error().message);
        if (auto done = saved->save(path_); !done) give_up(done.error().message);
        std::ifstream file(path_, std::ios::binary);
        good_.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        snapshot_.emplace(std::move(*saved));
    }
    ~ResumeFuzz() { std::filesystem::remove_all(folder_); }
    ResumeFuzz(const ResumeFuzz&) = delete;
    ResumeFuzz& operator=(const ResumeFuzz&) = delete;

    // Answers, to a state that is whole. The guest does not break the protocol.
    void answer() {
        if (!sandbox_) sandbox_.emplace(loaded_from(*snapshot_));
        if (auto restored = sandbox_->restore(*snapshot_); !restored) give_up(restored.error().message);
        auto invocation = sandbox_->continue_event(limits());
        if (!invocation) give_up(invocation.error().message);
        for (int i = 0; i < 20 && !invocation->done(); ++i) answer_once(*invocation);
        if (!invocation->done()) return;
        ++ended_;
        const auto done = invocation->result();
        if (!done && done.error().code == ErrorCode::guest_abort) give_up(done.error().message);
    }

    // A file, with its checksums made right.
    void file() {
        std::string bad = good_;
        std::uint32_t length = 0;
        std::memcpy(&length, &bad[kDescriptionLength], sizeof length);
        const std::size_t memory = kHeader + length;
        const bool of_memory = below(2) == 0;
        const std::size_t from = of_memory ? memory : kHeader;
        const std::size_t end = of_memory ? bad.size() : memory;
        for (std::size_t i = 1 + below(of_memory ? 200 : 3); i > 0; --i) {
            bad[from + below(end - from)] = static_cast<char>(below(256));
        }
        put_checksums(bad, memory);
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
        const auto snapshot = Snapshot::load(path_);
        if (!snapshot) return;
        ++loaded_;
        static_cast<void>(snapshot->waiting());
        auto sandbox = LoadedSandbox::from_snapshot(*snapshot, host_);
        if (!sandbox) return;
        auto invocation = sandbox->continue_event(limits());
        for (int i = 0; invocation && i < 4 && !invocation->done(); ++i) answer_once(*invocation);
        if (invocation && invocation->done()) static_cast<void>(invocation->result());
    }

    void report() const {
        std::printf("%llu answers of which %llu were refused, %llu ends, %llu files that could be loaded\n",
                    static_cast<unsigned long long>(answers_), static_cast<unsigned long long>(refused_),
                    static_cast<unsigned long long>(ended_), static_cast<unsigned long long>(loaded_));
    }

  private:
    static constexpr std::size_t kHeader = 104, kDescriptionLength = 12, kMemoryChecksum = 24, kChecksum = 96;

    std::size_t below(std::size_t end) { return engine_() % end; }

    LoadedSandbox loaded_from(const Snapshot& snapshot) const {
        auto sandbox = LoadedSandbox::from_snapshot(snapshot, host_);
        if (!sandbox) give_up(sandbox.error().message);
        return std::move(*sandbox);
    }

    void answer_once(PendingInvocation& invocation) {
        const auto open = invocation.open_calls();
        const bool is_open = !open.empty() && below(10) != 0;
        const auto id = is_open ? open[below(open.size())].id : static_cast<std::uint32_t>(engine_());
        const bool was_done = invocation.done();
        ++answers_;
        Result<void> done;
        switch (below(4)) {
            case 0: done = invocation.resume_cbor(id, cbor_.next()); break;
            case 1: done = invocation.resume(id, json()); break;
            case 2: done = invocation.fail(id, cbor_.next()); break;
            default: done = invocation.resume(id, values_.value(0)); break;
        }
        if (done) return;
        ++refused_;
        if (done.error().code != ErrorCode::invalid_argument) give_up(done.error().message);
        if (!was_done && !invocation.done() && invocation.open_calls().size() != open.size()) {
            give_up("an answer was refused, and its call is not open any more");
        }
    }

    std::string json() {
        std::string text = values_.value(0).to_json().value_or("[null]");
        if (below(2) == 0 && !text.empty()) text[below(text.size())] = static_cast<char>(below(256));
        return text;
    }

    static void put_checksums(std::string& file, std::size_t memory) {
        const auto all = std::as_bytes(std::span(file));
        const std::uint64_t of_memory = base::checksum_of(all.subspan(memory));
        std::memcpy(&file[kMemoryChecksum], &of_memory, sizeof of_memory);
        base::Checksum sum;
        sum.add(all.first(kChecksum));
        sum.add(all.subspan(kHeader, memory - kHeader));
        const std::uint64_t value = sum.value();
        std::memcpy(&file[kChecksum], &value, sizeof value);
    }

    std::mt19937 engine_;
    value::testing::HostileCbor cbor_;
    value::testing::RandomValues values_{7};
    ProtoSandbox host_ = make_host();
    std::filesystem::path folder_, path_;
    std::string good_;
    std::optional<Snapshot> snapshot_;
    std::optional<LoadedSandbox> sandbox_;
    std::uint64_t answers_ = 0, refused_ = 0, ended_ = 0, loaded_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
    const bool is_test = count > 2 && std::string_view(arguments[1]) == "--inputs";
    const std::uint64_t most = is_test ? std::strtoull(arguments[2], nullptr, 10) : UINT64_MAX;
    const int seconds = is_test ? 0 : count > 1 ? std::atoi(arguments[1]) : 10;
    const unsigned seed = !is_test && count > 2 ? static_cast<unsigned>(std::atoi(arguments[2])) : 1;
    ResumeFuzz fuzz(seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (std::uint64_t i = 0; i < most && (is_test || std::chrono::steady_clock::now() < end); ++i) {
        if (i % 4 == 3) {
            fuzz.file();
        } else {
            fuzz.answer();
        }
    }
    fuzz.report();
}
