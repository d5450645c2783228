#include "sandbox/modules/package_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

using Kind = PackageTarget::Kind;
using Choice = TargetChoice::Kind;

// Takes the parser's events, and keeps the members of the outermost object that matter here: nothing else is built, so
// that no file can make this deep or slow.
class PackageReader {
  public:
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    PackageJson package;
    std::string problem;

    bool null() { return value({.kind = Kind::null}); }
    bool boolean(bool) { return value({.kind = Kind::other}); }
    bool number_integer(number_integer_t) { return value({.kind = Kind::other}); }
    bool number_unsigned(number_unsigned_t) { return value({.kind = Kind::other}); }
    bool number_float(number_float_t, const string_t&) { return value({.kind = Kind::other}); }
    bool binary(binary_t&) { return value({.kind = Kind::other}); }
    bool string(string_t& text) {
        if (open_.empty()) {
            if (depth_ == 1 && key_ == "name") package.name = text;
            if (depth_ == 1 && key_ == "main") package.main = text;
            if (depth_ == 1 && key_ == "module") package.module = text;
        }
        return value({.kind = Kind::string, .text = std::move(text)});
    }
    bool key(string_t& name) {
        if (!open_.empty()) {
            open_.back()->members.push_back({.key = std::move(name)});
        } else if (depth_ == 1) {
            key_ = std::move(name);
        }
        return true;
    }
    bool start_object(std::size_t) { return start(Kind::object); }
    bool start_array(std::size_t) { return start(Kind::array); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
        problem = "is not JSON (at offset " + std::to_string(position > 0 ? position - 1 : 0) + ")";
        return false;
    }

  private:
    // Where a value goes that is being read now: a target's member, or one of the two roots; none if it does not matter.
    PackageTarget* place() {
        if (!open_.empty()) {
            PackageTarget& parent = *open_.back();
            if (parent.kind == Kind::array) parent.members.push_back({});
            return &parent.members.back();
        }
        if (depth_ != 1) return nullptr;
        if (key_ == "exports") return &package.exports.emplace();
        if (key_ == "imports") return &package.imports.emplace();
        return nullptr;
    }

    bool value(PackageTarget target) {
        if (depth_ == 0) {
            problem = "is not an object";
            return false;
        }
        if (PackageTarget* to = place()) {
            target.key = std::move(to->key);
            *to = std::move(target);
        }
        return true;
    }

    bool start(Kind kind) {
        if (depth_ == 0 && kind != Kind::object) {
            problem = "is not an object";
            return false;
        }
        PackageTarget* const to = depth_ == 0 ? nullptr : place();
        ++depth_;
        if (to == nullptr) return true;
        if (open_.size() == PackageJson::kDeepestTarget) {
            problem = "is nested too deeply in its \"" + key_ + "\"";
            return false;
        }
        to->kind = kind;
        open_.push_back(to);
        return true;
    }

    // A parent's members do not move while one of them is open: members are only added to the innermost.
    bool end() {
        --depth_;
        if (!open_.empty()) open_.pop_back();
        return true;
    }

    std::vector<PackageTarget*> open_;  // the objects and arrays below `exports` or `imports` that are being read
    std::string key_;                   // the outermost object's
    std::size_t depth_ = 0;
};

// What a walk through conditions and arrays found.
struct Walk {
    std::string_view star;  // what stands for '*' in targets
    bool bare_names;        // whether a target may be a package's name
    Conditions conditions;  // that apply
    std::vector<std::string_view> other_conditions = {};
};

// "./" and segments that stay in the package, and do not reach into what is installed in it.
bool is_inside_target(std::string_view target) {
    if (!target.starts_with("./") || target.contains('\\') || target.contains('\0')) return false;
    for (std::string_view rest = target.substr(2);;) {
        const std::size_t end = rest.find('/');
        const std::string_view segment = rest.substr(0, end);
        if (segment.empty() || segment == "." || segment == ".." || segment == "node_modules") return false;
        if (end == std::string_view::npos) return true;
        rest.remove_prefix(end + 1);
    }
}

std::string with_star(std::string_view target, std::string_view star) {
    std::string text;
    for (;;) {
        const std::size_t at = target.find('*');
        text += target.substr(0, at);
        // A guest chooses the star, a package how often it is used.
        if (at == std::string_view::npos || text.size() > PackageJson::kLargest) return text;
        text += star;
        target.remove_prefix(at + 1);
    }
}

TargetChoice malformed(std::string text) { return {.kind = Choice::malformed, .text = std::move(text)}; }

TargetChoice choose(const PackageTarget& target, Walk& walk) {
    switch (target.kind) {
        case Kind::null: return {};
        case Kind::other: return malformed("has a target that is neither a string nor an object");
        case Kind::string: {
            std::string text = with_star(target.text, walk.star);
            const bool relative = text.starts_with('.') || text.starts_with('/');
            if (!is_inside_target(text) && (relative || !walk.bare_names || text.empty() || text.starts_with('#'))) {
                return malformed("has the target " + base::in_quotes(text) +
                                 ", which has to begin with \"./\" and stay in the package");
            }
            return {.kind = Choice::path, .text = std::move(text)};
        }
        case Kind::array: {
            TargetChoice last{};
            for (const PackageTarget& each : target.members) {
                TargetChoice choice = choose(each, walk);
                if (choice.kind == Choice::path) return choice;
                if (choice.kind != Choice::not_there) last = std::move(choice);
            }
            return last;
        }
        case Kind::object: break;
    }
    for (const PackageTarget& each : target.members) {
        if (std::ranges::find(walk.conditions, each.key) == walk.conditions.end()) {
            walk.other_conditions.push_back(each.key);
            continue;
        }
        TargetChoice choice = choose(each, walk);
        // Nested conditions without a match let the next one have a try; a null does not.
        const bool no_match = choice.kind == Choice::only_other || (each.kind == Kind::object && each.members.empty());
        if (!no_match) return choice;
    }
    return {.kind = walk.other_conditions.empty() ? Choice::not_there : Choice::only_other};
}

TargetChoice choose_target(const PackageTarget& target, std::string_view star, bool bare_names, Conditions conditions) {
    Walk walk{.star = star, .bare_names = bare_names, .conditions = conditions};
    TargetChoice choice = choose(target, walk);
    if (choice.kind == Choice::only_other) {
        for (const std::string_view condition : walk.other_conditions) {
            choice.text += (choice.text.empty() ? "" : ", ") + base::in_quotes(condition);
            if (choice.text.size() > 256) break;
        }
    }
    return choice;
}

// The entry of a map of subpaths or names.
TargetChoice choose_entry(const PackageTarget& map, std::string_view wanted, bool bare_names, Conditions conditions) {
    const PackageTarget* best = nullptr;
    std::string_view best_key;
    std::string_view best_star;
    for (const PackageTarget& target : map.members) {
        const std::string_view key = target.key;
        const std::size_t at = key.find('*');
        if (at == std::string_view::npos) {
            if (key != wanted) continue;
            best = &target;  // the last of that name, as JSON has it
            best_key = key;
            best_star = {};
            continue;
        }
        const std::string_view before = key.substr(0, at);
        const std::string_view after = key.substr(at + 1);
        if (after.contains('*') || wanted.size() <= before.size() + after.size() || !wanted.starts_with(before) ||
            !wanted.ends_with(after)) {
            continue;
        }
        if (best != nullptr) {
            const std::size_t best_at = best_key.find('*');
            if (best_at == std::string_view::npos || best_at > at) continue;
            if (best_at == at && best_key.size() > key.size()) continue;
        }
        best = &target;
        best_key = key;
        best_star = wanted.substr(before.size(), wanted.size() - before.size() - after.size());
    }
    if (best == nullptr) return {};
    return choose_target(*best, best_star, bare_names, conditions);
}

}  // namespace

Result<PackageJson> PackageJson::parse(std::string_view text) {
    if (text.size() > kLargest) {
        return fail(ErrorCode::invalid_argument, "has more than " + std::to_string(kLargest) + " bytes");
    }
    if (const std::size_t valid = base::valid_utf8_prefix(text); valid != text.size()) {
        return fail(ErrorCode::invalid_argument, "is not UTF-8 (at offset " + std::to_string(valid) + ")");
    }
    PackageReader reader;
    if (!nlohmann::json::sax_parse(text, &reader)) return fail(ErrorCode::invalid_argument, std::move(reader.problem));
    PackageJson& package = reader.package;
    if (package.exports && package.exports->kind == Kind::null) package.exports.reset();
    if (package.imports && package.imports->kind != Kind::object) package.imports.reset();
    return std::move(package);
}

TargetChoice choose_export(const PackageTarget& exports, std::string_view subpath, Conditions conditions) {
    bool has_subpaths = false;
    bool has_conditions = false;
    if (exports.kind == Kind::object) {
        for (const PackageTarget& each : exports.members)
            (each.key.starts_with('.') ? has_subpaths : has_conditions) = true;
    }
    if (has_subpaths && has_conditions) return malformed("has subpaths and conditions side by side in its \"exports\"");
    if (has_subpaths) return choose_entry(exports, subpath, false, conditions);
    if (subpath != ".") return {};
    return choose_target(exports, {}, false, conditions);
}

TargetChoice choose_import(const PackageTarget& imports, std::string_view name, Conditions conditions) {
    return choose_entry(imports, name, true, conditions);
}

}  // namespace curfew::sandbox
