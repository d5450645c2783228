// A checkout of a suite of tests: what there is to run, and what a cell's handler gets for each.
#ifndef CURFEW_TESTS_CONFORM_SUITE_H
#define CURFEW_TESTS_CONFORM_SUITE_H

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <curfew/engine.h>
#include <curfew/file_system.h>

namespace curfew::conform {

// One run of one test.
struct Case {
    std::string path;       // below the checkout's folder: "test/language/identifiers/start.js"
    std::string variant{};  // "strict", "sloppy", "module"; or the query of a test that has several
};

struct Skipped {
    std::string path;
    std::string reason;
};

struct Plan {
    std::vector<Case> cases;
    std::vector<Skipped> skipped;
};

// Which tests of the checkout.
struct Selection {
    std::string only{};                        // paths that begin so; empty: all
    std::size_t every = 1;                     // of those, one in so many
    std::vector<std::string> skip_features{};  // of test262: besides those that cells do not have
    Engine engine = Engine::quickjs;
};

class Suite {
  public:
    virtual ~Suite() = default;

    virtual Plan plan(const Selection& selection) const = 0;

    // The event for the handler, as JSON. Thread-safe. Throws std::runtime_error for a file that cannot be read.
    virtual std::string event(const Case& test) const = 0;

    // An event that has the handler do what all tests need, and leaves nothing behind that one of them could find in its way.
    virtual std::string warming_event() const = 0;

    // The handler's file in guest/.
    virtual std::string handler() const = 0;

    // What tests can import, besides the checkout.
    virtual std::shared_ptr<const FileSystem> modules() const = 0;

  protected:
    Suite() = default;
    Suite(const Suite&) = default;
    Suite& operator=(const Suite&) = default;
};

// Both throw std::runtime_error for a folder that is no checkout of that suite.
std::unique_ptr<Suite> open_test262(const std::filesystem::path& checkout);
std::unique_ptr<Suite> open_wpt(const std::filesystem::path& checkout);

}  // namespace curfew::conform

#endif
