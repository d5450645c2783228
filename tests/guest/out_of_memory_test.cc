// Memory runs out wherever it can, in real cells: in heaps of many sizes, filled so that they leave more or less room, while
// scripts do a bit of everything. Each time the guest lives, the script catches the one Error that there is for it or never
// notices, and the next call works.
//
// CURFEW_MEMORY_STEPS=30 makes it the long run; CURFEW_MEMORY_CASE=NAME runs one of the cases.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "guest/guest_session.h"

namespace curfew::guest::testing {
namespace {

using nlohmann::json;
using wire::MessageKind;

int steps() {
    const char* text = std::getenv("CURFEW_MEMORY_STEPS");
    return text ? std::max(1, std::atoi(text)) : 1;
}

std::string cases_script(std::string_view more) {
    std::ifstream file(CURFEW_MEMORY_CASES);
    return std::string(std::istreambuf_iterator(file), {}) + std::string(more);
}

std::vector<std::string> case_names() {
    if (const char* only = std::getenv("CURFEW_MEMORY_CASE")) return {only};
    GuestSession session;
    session.boot();
    session.load("names", cases_script("export { names as handler }"));
    return json::parse(session.call("names", "null").payload).get<std::vector<std::string>>();
}

// A guest with the cases loaded, and a new one whenever it has died.
class Subject {
  public:
    explicit Subject(std::uint64_t heap) : heap_(heap) {}

    // What went wrong; empty if nothing did.
    std::string run(const json& event) {
        if (!session_) start();
        const Answer answer = session_->call("run", event.dump(), wire::kCollectGarbage);
        std::string wrong = judge(answer);
        if (answer.kind == MessageKind::failed && answer.flags == wire::kOutOfMemory) ++failed_;
        if (answer.payload == "\"out of memory\"") ++caught_;
        if (wrong.empty()) {
            const Answer after = session_->call("run", json{{"name", event["name"]}, {"way", "free"}}.dump());
            if (after.payload != "\"done\"") wrong = "afterwards: " + after.name + " " + after.payload;
        }
        if (!wrong.empty()) session_.reset();
        return wrong;
    }

    int times_out_of_memory() const { return failed_ + caught_; }

  private:
    void start() {
        session_.emplace(cell::MemorySizes{.heap = heap_, .stack = 1 << 20});
        session_->boot();
        session_->load("run", cases_script(""));
    }

    static std::string judge(const Answer& answer) {
        switch (answer.kind) {
            case MessageKind::done:
                if (answer.payload == "\"done\"" || answer.payload == "\"out of memory\"") return "";
                return answer.payload;
            case MessageKind::failed:
                if (answer.flags == wire::kOutOfMemory) return "";
                return "failed: " + answer.name;
            case MessageKind::refused: return "";  // the event found no room
            default: return "died: " + answer.payload;
        }
    }

    std::uint64_t heap_;
    std::optional<GuestSession> session_;
    int failed_ = 0;
    int caught_ = 0;
};

class OutOfMemory : public ::testing::Test {
  protected:
    void try_out(Subject& subject, const json& event) {
        ++tried_;
        const std::string wrong = subject.run(event);
        if (wrong.empty()) return;
        ++wrong_;
        ADD_FAILURE() << event.dump() << ": " << wrong;
    }

    void TearDown() override {
        if (wrong_ > 0) ADD_FAILURE() << wrong_ << " of " << tried_ << " went wrong";
        RecordProperty("tried", tried_);
    }

    int tried_ = 0;
    int wrong_ = 0;
};

TEST_F(OutOfMemory, IsSurvivedWithALittleRoomInOnePiece) {
    const int step = 4096 / std::min(steps(), 64);
    int ran_out = 0;
    for (const auto& name : case_names()) {
        Subject subject(1 << 20);
        for (int hole = 0; hole < 24 * 4096 / std::max(1, 8 / steps()); hole += step + 8) {
            try_out(subject, {{"name", name}, {"way", "fill"}, {"hole", hole}});
        }
        ran_out += subject.times_out_of_memory();
    }
    EXPECT_GT(ran_out, 0);
}

TEST_F(OutOfMemory, IsSurvivedWithALittleRoomInManyPieces) {
    for (const auto& name : case_names()) {
        Subject subject((1 << 20) + (300 << 10));
        for (int nodes = 1; nodes < 1500; nodes += std::max(1, 250 / steps())) {
            try_out(subject, {{"name", name}, {"way", "fill"}, {"nodes", nodes}});
        }
    }
}

TEST_F(OutOfMemory, IsSurvivedInHeapsOfManySizes) {
    for (const auto& name : case_names()) {
        for (int i = 0; i < steps() + 1; ++i) {
            Subject subject((1 << 20) + ((i * 77) << 12));
            try_out(subject, {{"name", name}, {"way", "exhaust"}});
            EXPECT_EQ(subject.times_out_of_memory() > 0 || wrong_ > 0, true) << name;
        }
    }
}

}  // namespace
}  // namespace curfew::guest::testing
