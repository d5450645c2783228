#!/bin/bash
# own_types.sh COMPILER FOLDER: checks that a host function with a type of the program's own compiles with <curfew/json.h>,
# and that without it the compiler says so in a sentence.
set -euo pipefail
compiler=$1
cd "$2"

# compile HEADER...: what the compiler says.
compile() {
    {
        printf '#include <%s>\n' "$@"
        cat <<'END'
struct Point {
    int x = 0, y = 0;
};
template <typename Json>
void from_json(const Json& json, Point& point) {
    json.at("x").get_to(point.x);
}
template <typename Json>
void to_json(Json& json, const Point& point) {
    json["x"] = point.x;
}
void add_own(curfew::HostModule& module, int taken) {
    if (taken) module.add("take", [](Point point) { return point.x; });
    else module.add("give", [] { return Point(); });
}
END
    } | "$compiler" -std=c++23 -Iinclude -fsyntax-only -x c++ - 2>&1
}

if ! said=$(compile curfew/curfew.h curfew/json.h); then
    printf '%s\n' "With <curfew/json.h>, an own type does not compile:" "$said"
    exit 1
fi
if said=$(compile curfew/curfew.h); then
    echo "An own type compiles without <curfew/json.h>."
    exit 1
fi
# Once for the function that takes one, and once for the one that returns one.
sentence='a host function takes or returns this type, .* include <curfew/json.h>'
[ "$(grep -cE "error: static assertion failed.*$sentence" <<<"$said")" -ge 2 ] || {
    printf '%s\n' "The compiler should say \"$sentence\" of both functions, but says:" "$said"
    exit 1
}
# The sentence is what is read first.
grep -E 'error:' <<<"$said" | head -1 | grep -qE "$sentence" || {
    printf '%s\n' "Before the sentence, the compiler says:" "$said"
    exit 1
}
echo "An own type without <curfew/json.h> is explained."
