// The tables that all faces of Curfew are made from, as lines: "limit NAME OPTION" and "code NAME". With arguments, as if these codes
// (one that begins with a letter) and limits (one that begins with "--") were in them, too.
#include <iostream>
#include <string_view>

#include <curfew/error.h>
#include <curfew/limits.h>

int main(int count, char** arguments) {
    for (const curfew::LimitKind& kind : curfew::limit_kinds()) {
        std::cout << "limit " << kind.name << ' ' << (kind.option.empty() ? "-" : kind.option) << '\n';
    }
    for (int i = 0;; ++i) {
        const std::string_view name = curfew::to_string(static_cast<curfew::ErrorCode>(i));
        if (name == "unknown") break;
        std::cout << "code " << name << '\n';
    }
    for (int i = 1; i < count; ++i) {
        const std::string_view more = arguments[i];
        if (more.starts_with("--")) {
            std::cout << "limit " << more.substr(2) << ' ' << more << '\n';
        } else {
            std::cout << "code " << more << '\n';
        }
    }
}
