#!/bin/bash
# headers.sh COMPILER FOLDER: checks that each public header in FOLDER/include compiles alone, and that those that most users
# include have not become heavy again.
set -euo pipefail
compiler=$1
cd "$2"

# The most lines that may come of a header, comments and blank lines removed: what it is, and a twentieth, so that it does
# not grow unseen. <chrono>, <memory>, <string>, <vector>, <expected> and <stop_token> alone are 48,000. The numbers are for
# g++ 12; the libraries of other compilers have other sizes.
declare -A longest=(
    [curfew/curfew.h]=55000
    [curfew/monitor.h]=53600
    [curfew/sandbox.h]=53800
    [curfew/host_module.h]=53200
)

compile() {
    local header=$1
    shift
    printf '#include <%s>\n' "$header" | "$compiler" -std=c++23 -Wall -Wextra -Werror -Iinclude "$@" -x c++ -
}
export -f compile
export compiler

faults=0
# Two at a time: each takes about a second of a CPU.
find include -name '*.h' | sed 's|^include/||' | sort |
    xargs -P 2 -I{} bash -c 'compile "{}" -fsyntax-only || { echo "<{}> does not compile alone."; exit 1; }' ||
    faults=$((faults + 1))

version=$("$compiler" --version)
if [[ $version != *clang* && $("$compiler" -dumpversion) == 12* ]]; then
    for header in "${!longest[@]}"; do
        lines=$(compile "$header" -E -P | wc -l)
        [ "$lines" -gt "${longest[$header]}" ] || continue
        echo "<$header> is $lines lines with all that it includes, more than ${longest[$header]}: look for a header that" \
            "need not be included."
        faults=$((faults + 1))
    done
fi

if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
echo "The public headers compile alone, and are no heavier than they were."
