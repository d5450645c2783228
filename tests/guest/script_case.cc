#include "guest/script_case.h"

#include <fstream>
#include <set>
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
    if (name == "stack-overflow") return wire::kStackOverflow;
    throw std::runtime_error("no flag is called " + name);
}

// One directive, without what says for which engine it is.
void apply(const std::string& key, const std::string& value, Expectation& expected) {
    if (key == "result") {
        expected.result = value;
    } else if (key == "error" || key == "load-error") {
        expected.errors.push_back(value);
    } else if (key == "stack") {
        expected.stack.push_back(value);
    } else if (key == "flags") {
        expected.flags |= flag_of(value);
    } else if (key == "printed") {
        expected.printed.push_back(unescape(value));
    } else if (key == "prints") {
        expected.prints = std::stoul(value);
    } else {
        throw std::runtime_error("there is no directive " + key);
    }
}

// Forgets what all engines are to do, because this one does something else.
void forget(const std::string& key, Expectation& expected) {
    if (key == "result" || key == "error" || key == "load-error") {
        expected.result.reset();
        expected.errors.clear();
    } else if (key == "stack") {
        expected.stack.clear();
    } else if (key == "flags") {
        expected.flags = 0;
    } else if (key == "printed") {
        expected.printed.clear();
    }
}

}  // namespace

ScriptCase read_script_case(const std::filesystem::path& file, std::string_view engine) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    if (!in) throw std::runtime_error("cannot read " + file.string());
    ScriptCase test{.name = file.filename().string(), .source = content.str(), .load = {}, .calls = {}};

    std::set<std::string> own;  // the directives of the current request that are for this engine alone
    for (std::string line; std::getline(content, line) && line.starts_with("// ");) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) break;
        std::string key = line.substr(3, colon - 3);
        const std::string value = line.size() > colon + 2 ? line.substr(colon + 2) : "";
        bool for_all = true;
        if (const std::size_t at = key.find('@'); at != std::string::npos) {
            if (key.substr(at + 1) != engine) continue;
            for_all = false;
            key.resize(at);
        }
        if (key == "event") {
            test.calls.emplace_back().event = value;
            own.clear();
            continue;
        }
        if (key == "heap") {
            test.heap = std::stoull(value);
            continue;
        }
        if ((key == "result" || key == "error") && test.calls.empty()) test.calls.emplace_back();
        Expectation& expected = key == "load-error" || test.calls.empty() ? test.load : test.calls.back();
        if (for_all && own.contains(key)) continue;
        if (!for_all && own.insert(key).second) forget(key, expected);
        try {
            apply(key, value, expected);
        } catch (const std::runtime_error& error) {
            throw std::runtime_error(file.string() + ": " + error.what());
        }
    }
    return test;
}

}  // namespace curfew::guest::testing
