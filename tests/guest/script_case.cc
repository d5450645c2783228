#include "guest/script_case.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "wire/mailbox.h"

namespace curfew::guest::testing {

namespace {

std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            plain += text[i] == 'n' ? '\n' : text[i];
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::uint32_t flag_of(const std::string& name) {
    if (name == "out-of-memory") return wire::kOutOfMemory;
    if (name == "syntax-error") return wire::kSyntaxError;
    if (name == "bad-event") return wire::kBadEvent;
    throw std::runtime_error("no flag is called " + name);
}

}  // namespace

ScriptCase read_script_case(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    if (!in) throw std::runtime_error("cannot read " + file.string());
    ScriptCase test{.name = file.filename().string(), .source = content.str(), .load = {}, .calls = {}};

    const auto call = [&]() -> Expectation& {
        if (test.calls.empty()) test.calls.emplace_back();
        return test.calls.back();
    };
    const auto current = [&]() -> Expectation& { return test.calls.empty() ? test.load : test.calls.back(); };
    for (std::string line; std::getline(content, line) && line.starts_with("// ");) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) break;
        const std::string key = line.substr(3, colon - 3);
        const std::string value = line.size() > colon + 2 ? line.substr(colon + 2) : "";
        if (key == "event") {
            test.calls.emplace_back().event = value;
        } else if (key == "result") {
            call().result = value;
        } else if (key == "error") {
            call().errors.push_back(value);
        } else if (key == "load-error") {
            test.load.errors.push_back(value);
        } else if (key == "stack") {
            current().stack.push_back(value);
        } else if (key == "flags") {
            current().flags |= flag_of(value);
        } else if (key == "printed") {
            current().printed.push_back(unescape(value));
        } else if (key == "prints") {
            current().prints = std::stoul(value);
        } else if (key == "heap") {
            test.heap = std::stoull(value);
        } else {
            throw std::runtime_error(file.string() + " has an unknown directive: " + key);
        }
    }
    return test;
}

}  // namespace curfew::guest::testing
