// test262, the tests of ECMAScript. Its INTERPRETING.md says how they are run.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "checkout.h"
#include "front_matter.h"
#include "suite.h"

namespace curfew::conform {
namespace {

using nlohmann::json;

struct Lacking {
    std::string_view what;
    std::string_view reason;
};

// What no cell has, by the features that tests name.
constexpr std::array<Lacking, 6> kFeatures{{
    {"IsHTMLDDA", "needs document.all, which is for browsers"},
    {"host-gc-required", "needs garbage to be collected on demand"},
    {"source-phase-imports", "needs imports of a module's source"},
    {"source-phase-imports-module-source", "needs imports of a module's source"},
    {"import-text", "needs imports of text"},
    {"import-bytes", "needs imports of bytes"},
}};

// The same of the engine quickjs only.
constexpr std::array<Lacking, 2> kQuickjsFeatures{{
    {"cross-realm", "needs a second realm, which this engine's cells do not have"},
    {"ShadowRealm", "needs a second realm, which this engine's cells do not have"},
}};

template <typename List>
std::optional<std::string> lacking(const List& list, const std::vector<std::string>& features) {
    for (const Lacking& entry : list) {
        if (std::find(features.begin(), features.end(), entry.what) != features.end()) return std::string(entry.reason);
    }
    return std::nullopt;
}

std::optional<std::string> reason_to_skip(const std::string& path, const FrontMatter& matter, std::string_view source,
                                          const Selection& selection) {
    const bool quickjs = selection.engine == Engine::quickjs;
    if (auto reason = lacking(kFeatures, matter.features)) return reason;
    if (quickjs) {
        if (auto reason = lacking(kQuickjsFeatures, matter.features)) return reason;
        if (path.find("intl402/") != std::string::npos) return "needs Intl, which this engine does not have";
        if (path.starts_with("test/language/global-code/")) {
            return "needs scripts, for which eval stands in on this engine";
        }
        if (!matter.has_flag("module") && source.find("import") != std::string_view::npos &&
            std::find(matter.features.begin(), matter.features.end(), "dynamic-import") != matter.features.end()) {
            return "imports from a script, for which eval stands in on this engine";
        }
    }
    for (const std::string& feature : selection.skip_features) {
        if (std::find(matter.features.begin(), matter.features.end(), feature) != matter.features.end()) {
            return "has the feature " + feature;
        }
    }
    if (source.find("$262.agent") != std::string_view::npos) return "needs agents, which are threads";
    if (matter.has_flag(quickjs ? "CanBlockIsTrue" : "CanBlockIsFalse"))
        return "is for engines whose Atomics.wait differs";
    return std::nullopt;
}

class Test262 final : public Suite {
  public:
    explicit Test262(std::filesystem::path checkout) : checkout_(std::move(checkout)), modules_(modules_of(checkout_)) {
        for (const char* file : {"test", "harness/assert.js", "harness/sta.js", "harness/doneprintHandle.js"}) {
            if (!std::filesystem::exists(checkout_ / file)) {
                throw std::runtime_error(checkout_.string() + " is no checkout of test262: it has no " + file + ".");
            }
        }
    }

    Plan plan(const Selection& selection) const override {
        Plan plan;
        for (std::string& path : list_tests(checkout_, "test", ".js", selection.only, selection.every)) {
            if (path.find("_FIXTURE") != std::string::npos) continue;
            const std::string source = read_text(checkout_ / path);
            const FrontMatter matter = parse_front_matter(source).value_or(FrontMatter());
            if (auto reason = reason_to_skip(path, matter, source, selection)) {
                plan.skipped.push_back({std::move(path), std::move(*reason)});
            } else if (matter.has_flag("module")) {
                plan.cases.push_back({std::move(path), "module"});
            } else {
                const bool once = matter.has_flag("raw");
                if (!matter.has_flag("onlyStrict")) plan.cases.push_back({path, "sloppy"});
                if (!matter.has_flag("noStrict") && !once) plan.cases.push_back({std::move(path), "strict"});
            }
        }
        return plan;
    }

    std::string event(const Case& test) const override {
        std::string source = read_text(checkout_ / test.path);
        const FrontMatter matter = parse_front_matter(source).value_or(FrontMatter());
        json harness = json::array();
        if (!matter.has_flag("raw")) {
            harness.push_back(harness_file("assert.js"));
            harness.push_back(harness_file("sta.js"));
            if (matter.has_flag("async")) harness.push_back(harness_file("doneprintHandle.js"));
            for (const std::string& name : matter.includes) harness.push_back(harness_file(name));
        }
        if (test.variant == "strict") source.insert(0, "\"use strict\";\n");
        const bool module = test.variant == "module";
        json event{
            {"path", "/" + test.path}, {"module", module}, {"async", matter.has_flag("async")}, {"harness", harness}};
        if (!module) event["source"] = source;
        if (matter.negative) event["negative"] = {{"phase", matter.negative->phase}, {"type", matter.negative->type}};
        return event.dump();  // throws for a source that is not UTF-8
    }

    std::string warming_event() const override {
        return R"({"path":"/warm.js","module":false,"async":false,"harness":[],"source":""})";
    }

    std::string handler() const override { return "test262.js"; }

    std::shared_ptr<const FileSystem> modules() const override { return modules_; }

  private:
    json harness_file(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        const auto known = harness_.find(name);
        if (known != harness_.end()) return known->second;
        json file{{"name", "/harness/" + name}, {"source", read_text(checkout_ / "harness" / name)}};
        return harness_.emplace(name, std::move(file)).first->second;
    }

    std::filesystem::path checkout_;
    std::shared_ptr<const FileSystem> modules_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, json> harness_;
};

}  // namespace

std::unique_ptr<Suite> open_test262(const std::filesystem::path& checkout) {
    return std::make_unique<Test262>(checkout);
}

}  // namespace curfew::conform
