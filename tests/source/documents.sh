#!/bin/bash
# documents.sh FOLDER: checks that the README's program is the one that is compiled and run by a test, and that the
# documents' links lead somewhere.
set -euo pipefail
cd "$1"
faults=0

# The first block of C++ in the README.
program=$(awk '/^```cpp$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md)
if ! diff <(printf '%s\n' "$program") examples/readme/main.cc; then
    echo "The program in README.md (<) differs from examples/readme/main.cc (>)."
    faults=$((faults + 1))
fi

# [text](target), but for targets on the web and places on the same page.
while IFS=: read -r document target; do
    file=${target%%#*}
    [ -n "$file" ] || continue
    if [ ! -e "$(dirname "$document")/$file" ]; then
        echo "$document: the link to $target leads nowhere."
        faults=$((faults + 1))
    fi
done < <(find . \( -name build -o -name .deps -o -name .git \) -prune -o -name '*.md' -print | while read -r document; do
    # Not in code, where brackets mean other things.
    awk '/^ *```/ { inside = !inside; next } !inside { gsub(/`[^`]*`/, ""); print }' "$document" |
        { grep -oE '\]\([^)]+\)' || true; } | sed -E "s|^\]\((.*)\)$|$document:\1|"
done | grep -vE ':(https?|mailto):' || true)

[ "$faults" = 0 ]
