#!/bin/bash
# symbols.sh SHARED STATIC HEADERS: checks that the shared library shows what the public headers mark with CURFEW_EXPORT
# and nothing else, and that they mark all that users need.
set -euo pipefail
shared=$1 static=$2 headers=$3
faults=0
fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}

# Names, a line each: what C++ calls them, without results, arguments and what the compiler adds.
names() {
    awk '{ $1 = ""; $2 = ""; print }' |
        sed -E 's/^ +//; s/\[abi:[^]]*\]//g; s/^(typeinfo name|typeinfo|vtable|VTT|guard variable|construction vtable) for //' |
        sed -E 's/[(<].*//; s/^.* (curfew::)/\1/' | LC_ALL=C sort -u
}
# Lines of code of the public headers, each declaration on one line.
code() { find "$@" -name '*.h' -exec sed -E 's://.*::' {} + | tr '\n' ' ' | sed -E 's/[;{}]/\n/g; s/ +/ /g'; }
all_code=$(code "$headers")
marked=$(code "$headers" | grep -E 'CURFEW_EXPORT' || true)
declared=$(code "$headers/monitor" "$headers/host" | grep -E '^ *[A-Za-z_:<>&*, ]+ [a-z_]+\(' || true)

shown=$(nm -DC --defined-only "$shared" | names)
[ -n "$shown" ] || fault "$shared shows nothing at all."
while read -r name; do
    if [[ $name != curfew::* ]]; then
        fault "shown, but no name of Curfew: $name"
        continue
    fi
    # The class or function below the namespaces, which are written in small letters.
    own=$(sed -E 's/^curfew::((monitor|host|detail)::)*//; s/::.*//' <<<"$name")
    grep -qE "CURFEW_EXPORT(.*[^a-zA-Z0-9_])?$own([^a-zA-Z0-9_=]|$)" <<<"$marked" ||
        fault "shown, but not marked with CURFEW_EXPORT in a public header: $name"
done <<<"$shown"

# Functions and objects with a name of their own; copies of inline functions belong to whoever includes them.
while read -r name; do
    grep -qxF -- "$name" <<<"$shown" && continue
    case $name in
        curfew::monitor::detail::* | curfew::host::detail::*)
            own=${name##*detail::}
            # A member of an internal class, or a function that no public header declares.
            if [[ $own == *::* ]] || ! grep -qE "^ *[A-Za-z_].* $own\(" <<<"$declared"; then continue; fi ;;
        curfew::monitor::[A-Za-z]*)
            # A class that no public header declares is none of theirs.
            own=$(sed -E 's/^curfew::monitor::([A-Za-z_]+).*/\1/' <<<"$name")
            grep -qE "\b(class|struct) ([A-Z_]+ )?$own\b|\b$own\(" <<<"$all_code" || continue ;;
        curfew::[A-Z]*) ;;
        curfew::[a-z_]*)
            [[ $name != curfew::*::* ]] || continue ;;  # of a part that is not public
        *) continue ;;
    esac
    fault "public, but not marked with CURFEW_EXPORT: $name"
done < <(nm -C --defined-only "$static" 2>/dev/null | grep -E '^[0-9a-f]+ [TDBR] curfew::' | names)

# STB_GNU_UNIQUE: what exists once in a process, even for shared objects that are loaded apart from each other.
if nm -D --defined-only "$shared" | grep -E ' u '; then
    fault "$shared has the above in common with every other shared object of the process."
fi

if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
echo "$(wc -l <<<"$shown") names are shown."
