#include "sandbox/code/program_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace curfew::sandbox {

namespace {

constexpr std::string_view kImport = "import";

bool is_word_part(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '\\' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// One name that is imported, and what the program calls it.
struct Binding {
    std::string_view exported;  // an identifier, or a string with its quotes
    std::string_view local;
};

struct Import {
    std::string_view specifier;   // with its quotes
    std::string_view attributes;  // with its braces; may be empty
    std::string_view name_space;  // what `* as` names; may be empty
    std::vector<Binding> bindings{};
};

// Reads declarations from the beginning of a text. What it does not understand, it leaves.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::size_t at() const { return at_; }

    // Up to the next declaration: over blanks, comments, empty statements and directives.
    bool find_import() {
        for (;;) {
            skip();
            const std::size_t start = at_;
            if (!at_end() && text_[at_] == ';') {
                ++at_;
                continue;
            }
            if (const auto directive = string()) {
                if (ends_statement()) continue;
                at_ = start;
                return false;
            }
            return word_is(kImport);
        }
    }

    // REQUIRES: find_import(). Nothing: it is no declaration, or a wrong one.
    std::optional<Import> read_import() {
        at_ += kImport.size();
        skip();
        Import import{};
        if (auto bare = string()) {
            import.specifier = *bare;
            return read_end(import);
        }
        if (const std::string_view name = word(); !name.empty()) {
            import.bindings.push_back({"default", name});
            skip();
            if (take(',') && !read_names(import)) return std::nullopt;
        } else if (!read_names(import)) {
            return std::nullopt;
        }
        skip();
        if (word() != "from") return std::nullopt;
        skip();
        const auto specifier = string();
        if (!specifier) return std::nullopt;
        import.specifier = *specifier;
        return read_end(import);
    }

  private:
    bool at_end() const { return at_ >= text_.size(); }
    std::string_view rest() const { return text_.substr(at_); }

    bool word_is(std::string_view wanted) const {
        return rest().starts_with(wanted) && (rest().size() == wanted.size() || !is_word_part(rest()[wanted.size()]));
    }

    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    // False: what follows is on the same line, and no comment.
    bool skip() {
        bool new_line = false;
        while (!at_end()) {
            if (is_blank(text_[at_])) {
                new_line = new_line || is_line_end(text_[at_]);
                ++at_;
            } else if (rest().starts_with("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (rest().starts_with("/*")) {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) return new_line;
                at_ = end + 2;
            } else if (rest().starts_with("\xef\xbb\xbf")) {
                at_ += 3;
            } else {
                break;
            }
        }
        return new_line || at_end();
    }

    bool ends_statement() {
        const bool new_line = skip();
        return take(';') || new_line;
    }

    std::string_view word() {
        const std::size_t start = at_;
        while (!at_end() && is_word_part(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }

    std::optional<std::string_view> string() {
        if (at_end() || (text_[at_] != '"' && text_[at_] != '\'')) return std::nullopt;
        const std::size_t start = at_;
        for (std::size_t i = at_ + 1; i < text_.size() && !is_line_end(text_[i]); ++i) {
            if (text_[i] == '\\' && i + 1 < text_.size() && !is_line_end(text_[i + 1])) {
                ++i;
            } else if (text_[i] == text_[start]) {
                at_ = i + 1;
                return text_.substr(start, at_ - start);
            }
        }
        return std::nullopt;
    }

    // "* as ns" or "{ a, b as c }".
    bool read_names(Import& import) {
        skip();
        if (take('*')) {
            skip();
            if (word() != "as") return false;
            skip();
            import.name_space = word();
            return !import.name_space.empty();
        }
        if (!take('{')) return false;
        for (skip(); !take('}'); skip()) {
            Binding binding{};
            const auto quoted = string();
            binding.exported = quoted ? *quoted : word();
            binding.local = binding.exported;
            if (binding.exported.empty()) return false;
            skip();
            if (word_is("as")) {
                at_ += 2;
                skip();
                binding.local = word();
                if (binding.local.empty()) return false;
                skip();
            } else if (quoted) {
                return false;
            }
            import.bindings.push_back(binding);
            if (!take(',') && (at_end() || text_[at_] != '}')) return false;
        }
        return true;
    }

    std::optional<Import> read_end(Import import) {
        const std::size_t behind = at_;
        skip();
        if (word_is("with")) {
            at_ += 4;
            skip();
            const std::size_t start = at_;
            if (at_end() || text_[at_] != '{') return std::nullopt;
            const std::size_t end = text_.find('}', at_);
            if (end == std::string_view::npos) return std::nullopt;
            at_ = end + 1;
            import.attributes = text_.substr(start, at_ - start);
            if (import.attributes.contains("//")) return std::nullopt;
            if (!ends_statement()) return std::nullopt;
            return import;
        }
        at_ = behind;
        if (!ends_statement()) return std::nullopt;
        return import;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string in_quotes(std::string_view name) {
    return name.starts_with('"') || name.starts_with('\'') ? std::string(name) : '"' + std::string(name) + '"';
}

// A module without a name that is wanted of it is an error, as in a module's import.
constexpr std::string_view kHaving =
    "((m, s, ...names) => { for (const n of names) if (!(n in m)) throw new SyntaxError(`the module \"${s}\" has no "
    "export "
    "named ${n}`); return m; })(";

std::string statement(const Import& import) {
    std::string call = "await import(" + std::string(import.specifier);
    if (!import.attributes.empty()) {
        std::string attributes(import.attributes);
        std::ranges::replace_if(attributes, is_line_end, ' ');
        call += ", {with: " + attributes + '}';
    }
    call += ')';
    if (import.bindings.empty() && import.name_space.empty()) return call + "; ";
    std::string text = "const ";
    if (!import.name_space.empty()) {
        text += std::string(import.name_space) + " = " + call;
        call = import.name_space;
    }
    if (!import.bindings.empty()) {
        if (!import.name_space.empty()) text += ", ";
        std::string names;
        text += '{';
        for (const Binding& binding : import.bindings) {
            text += in_quotes(binding.exported) + ": " + std::string(binding.local) + ", ";
            names += ", " + in_quotes(binding.exported);
        }
        text += "} = " + std::string(kHaving) + call + ", " + std::string(import.specifier) + names + ')';
    }
    return text + "; ";
}

void blank(std::string& text, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
        if (!is_line_end(text[i])) text[i] = ' ';
    }
}

}  // namespace

std::string program_text(std::string_view source) {
    std::string body(source);
    if (body.starts_with("#!")) blank(body, 0, std::min(body.find('\n'), body.size()));
    std::string before;
    if (body.contains(kImport)) {
        const std::string original = body;
        Reader reader(original);
        while (reader.find_import()) {
            const std::size_t start = reader.at();
            const auto import = reader.read_import();
            if (!import) break;
            before += statement(*import);
            blank(body, start, reader.at());
        }
    }
    return before + '\n' + body;
}

}  // namespace curfew::sandbox
