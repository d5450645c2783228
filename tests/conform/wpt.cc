// The web platform's tests, those of them that need no browser: *.any.js.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "checkout.h"
#include "meta.h"
#include "suite.h"

namespace curfew::conform {
namespace {

using nlohmann::json;

constexpr const char* kHarness = "resources/testharness.js";

class Wpt final : public Suite {
  public:
    explicit Wpt(std::filesystem::path checkout) : checkout_(std::move(checkout)), modules_(modules_of(checkout_)) {
        if (!std::filesystem::exists(checkout_ / kHarness)) {
            throw std::runtime_error(checkout_.string() + " is no checkout of the web platform's tests: it has no " +
                                     kHarness + ".");
        }
        harness_ = file(kHarness);
    }

    Plan plan(const Selection& selection) const override {
        Plan plan;
        for (std::string& path : list_tests(checkout_, "", ".any.js", selection.only, selection.every)) {
            const std::string source = read_text(checkout_ / path);
            const Meta meta = parse_meta(source);
            if (auto reason = reason_to_skip(path, meta, source)) {
                plan.skipped.push_back({std::move(path), std::move(*reason)});
                continue;
            }
            const auto missing = std::find_if(meta.scripts.begin(), meta.scripts.end(), [&](const std::string& script) {
                return !std::filesystem::exists(checkout_ / script_path(path, script));
            });
            if (missing != meta.scripts.end()) {
                plan.skipped.push_back({std::move(path), "needs a script that the checkout does not have"});
                continue;
            }
            for (const std::string& variant : meta.variants) plan.cases.push_back({path, variant});
            if (meta.variants.empty()) plan.cases.push_back({std::move(path), ""});
        }
        return plan;
    }

    std::string event(const Case& test) const override {
        const std::string source = read_text(checkout_ / test.path);
        const Meta meta = parse_meta(source);
        json scripts = json::array({harness_});
        for (const std::string& script : meta.scripts) scripts.push_back(file(script_path(test.path, script)));
        scripts.push_back({{"name", "/" + test.path}, {"source", source}});
        return json{{"path", "/" + test.path}, {"query", test.variant}, {"title", meta.title}, {"scripts", scripts}}
            .dump();
    }

    std::string warming_event() const override { return R"({"path":"/warm.js","scripts":[]})"; }

    std::string handler() const override { return "wpt.js"; }

    std::shared_ptr<const FileSystem> modules() const override { return modules_; }

  private:
    static std::string script_path(const std::string& test, const std::string& script) {
        if (script.starts_with('/')) return script.substr(1);
        return (std::filesystem::path(test).parent_path() / script).lexically_normal().string();
    }

    json file(const std::string& path) const { return {{"name", "/" + path}, {"source", read_text(checkout_ / path)}}; }

    std::filesystem::path checkout_;
    std::shared_ptr<const FileSystem> modules_;
    json harness_;
};

}  // namespace

std::unique_ptr<Suite> open_wpt(const std::filesystem::path& checkout) { return std::make_unique<Wpt>(checkout); }

}  // namespace curfew::conform
