#include "meta.h"

#include <algorithm>
#include <array>

namespace curfew::conform {
namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

struct Use {
    std::string_view text;
    std::string_view reason;
};

constexpr std::array<Use, 14> kUses{{
    {"document.", "needs a DOM"},
    {"createElement", "needs a DOM"},
    {"fetch(", "fetches from a server"},
    {"fetch_json(", "fetches from a server"},
    {"fetch_spec(", "fetches from a server"},
    {"XMLHttpRequest", "fetches from a server"},
    {"WebSocket(", "fetches from a server"},
    {"EventSource(", "fetches from a server"},
    {"importScripts(", "needs workers"},
    {"Worker(", "needs workers"},
    {"indexedDB", "needs a database of the browser"},
    {"caches.", "needs a cache of the browser"},
    {"navigator.", "needs a browser's navigator"},
    {"FileReader(", "needs FileReader, which is for browsers"},
}};

bool is_for_any(const std::vector<std::string>& globals) {
    constexpr std::array<std::string_view, 4> kLikeACell{"worker", "dedicatedworker", "jsshell", "shadowrealm"};
    return std::any_of(globals.begin(), globals.end(), [&](std::string_view global) {
        return std::any_of(kLikeACell.begin(), kLikeACell.end(),
                           [&](std::string_view place) { return global.starts_with(place); });
    });
}

}  // namespace

Meta parse_meta(std::string_view source) {
    constexpr std::string_view kBegin = "// META: ";
    Meta meta;
    // They stand at the top: the first other line ends them.
    while (source.starts_with("//")) {
        const std::size_t end = std::min(source.find('\n'), source.size());
        std::string_view line = source.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        source.remove_prefix(std::min(end + 1, source.size()));
        if (!line.starts_with(kBegin)) continue;
        line.remove_prefix(kBegin.size());
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = line.substr(0, equals), value = line.substr(equals + 1);
        if (key == "script") meta.scripts.emplace_back(value);
        if (key == "global") meta.globals = words_of(value);
        if (key == "variant") meta.variants.emplace_back(value);
        if (key == "title") meta.title = value;
    }
    return meta;
}

std::optional<std::string> reason_to_skip(std::string_view path, const Meta& meta, std::string_view source) {
    const auto is_of_server = [](std::string_view name) { return name.find(".sub.") != std::string_view::npos; };
    if (is_of_server(path) || std::any_of(meta.scripts.begin(), meta.scripts.end(), is_of_server)) {
        return "needs a server, which fills in its addresses";
    }
    if (!meta.globals.empty() && !is_for_any(meta.globals)) return "is for windows or service workers alone";
    for (const Use& use : kUses) {
        if (source.find(use.text) != std::string_view::npos) return std::string(use.reason);
    }
    return std::nullopt;
}

}  // namespace curfew::conform
