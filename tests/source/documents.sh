#!/bin/bash
# documents.sh FOLDER: checks that the README's program is the one that is compiled and run by a test, that code in the documents is
# that of a file which is, and that their links lead somewhere.
set -euo pipefail
cd "$1"
faults=0

# The first block of C++ in the README.
program=$(awk '/^```cpp$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md)
if ! diff <(printf '%s\n' "$program") examples/readme/main.cc; then
    echo "The program in README.md (<) differs from examples/readme/main.cc (>)."
    faults=$((faults + 1))
fi

# Each block of code stands below a line that names its file: `<!-- code: FILE -->` for the whole of it, which is compared elsewhere, or
# `<!-- part: FILE -->` for a part of it, whose spaces and line feeds may be others.
squeezed() { tr -d ' \n'; }
for document in docs/*.md; do
    while IFS=$'\t' read -r line file first last; do
        if [ -z "$file" ]; then
            echo "$document:$line: this code is that of no file: put <!-- part: FILE --> above it."
        elif [ ! -e "$file" ]; then
            echo "$document:$line: there is no file $file."
        elif [[ $(squeezed <"$file") != *"$(sed -n "$first,${last}p" "$document" | squeezed)"* ]]; then
            echo "$document:$line: this code is no part of $file."
        else
            continue
        fi
        faults=$((faults + 1))
    done < <(awk -v OFS='\t' '
        /^```/ && inside { inside = 0; if (checked) print line, file, line + 1, NR - 1; file = ""; next }
        /^```/ { inside = 1; line = NR; checked = /^```(cpp|c|js|ts|mjs|python)$/; next }
        !inside && /^<!-- (code|part): .* -->$/ { file = $3; next }
        !inside && NF { file = "" }' "$document")
done

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
