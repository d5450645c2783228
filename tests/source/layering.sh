#!/bin/bash
# layering.sh FOLDER: checks that the parts in FOLDER use only parts below them, as docs/design says, that neither files nor
# folders depend on each other in a ring (rings.awk says how they are counted), and that files stay short enough to be read in
# one go.
set -euo pipefail
rings=$(cd "$(dirname "$0")" && pwd)/rings.awk
cd "$1"

# What a part's files may include, besides the C++ and C libraries: parts by folder, public headers by name.
declare -A may_use=(
    [base]='base'
    [limits]='limits monitor base'
    [wire]='wire'
    [value]='value wire base'
    [monitor]='monitor base'
    [cell]='cell wire base'
    [guest]='guest wire'
    [engine]='engine cell wire base'
    [fetch]='fetch base'
    [sandbox]='sandbox fetch engine cell value wire limits monitor base'
    [observe]='observe base'
    [transport]='transport base'
    [c]='c'
    [cli]='cli base'
)
declare -A may_use_public=(
    [base]='base/* error.h usage.h'
    [limits]='limits.h monitor* base/* error.h usage.h'
    [wire]=''
    [value]='value.h error.h export.h language.h usage.h'
    [monitor]='monitor* base/* callback.h error.h export.h language.h usage.h'
    [cell]='cgroup.h error.h isolation.h machine.h usage.h'
    [guest]=''
    [engine]='engine* base/* callback.h error.h export.h file_path.h language.h usage.h'
    [fetch]='fetch* base/* callback.h error.h export.h language.h usage.h'
    [sandbox]='*'
    [observe]='*'
    [transport]='*'
    [c]='*'
    [cli]='*'
)

# Folders whose files still depend on each other in rings, to be cut one by one; no other may join them.
may_have_rings='src/sandbox/* src/guest/quickjs/*'

# What a part calls `detail` is its own: the namespace, and the files that may name it.
declare -A detail_of=(
    [monitor::detail]='src/monitor/* include/curfew/monitor/*'
    [host::detail]='src/sandbox/* include/curfew/host/* include/curfew/host_module.h include/curfew/json.h include/curfew/reply.h include/curfew/async.h'

    [nlohmann::detail]=''
)

# Folders that only their own part may know: the rest uses what lies beside them.
closed_folders='cell/process'

# Rooms of a part that stand above each other: what a room's files may include, by headers.
declare -A room_may_use=(
    [guest/platform]='guest/platform/* wire/*'
    [guest/quickjs]='guest/quickjs/* guest/platform/* wire/*'
    [guest/node]='guest/node/* guest/platform/* wire/*'
)

# Files that have a reason to be longer than this.
longest=400
longest_test=600
long_files=(
    include/curfew/c.h  # all of the interface for C, which its users include whole
    include/curfew/sandbox.h  # the life of a sandbox on one page, most of it contracts
)

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT

faults=0
fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}

# matches WORD PATTERNS: whether the word matches one of the patterns.
matches() {
    local word=$1 pattern
    # The patterns are separate words, and the shell's own.
    for pattern in $2; do
        # shellcheck disable=SC2053
        [[ $word == $pattern ]] && return
    done
    return 1
}

# Prints "FILE LINE HEADER" of the includes in the sources below a folder that the pattern finds: "..." or <curfew/...>.
includes() {
    grep -rnoE --include='*.cc' --include='*.h' --include='*.c' --include='*.S' "$2" "$1" 2>/dev/null |
        sed -E 's/^([^:]*):([0-9]+):[^"<]*["<]([^">]*)[">]$/\1 \2 \3/' || true
}

folders=(src/*/)
engines=(src/guest/*/)
set -f  # from here on, patterns are for matches(), not for file names
for folder in "${folders[@]}"; do
    part=$(basename "$folder")
    if [ -z "${may_use[$part]+there}" ]; then
        fault "$folder is no part that this check knows; add what it may use."
        continue
    fi
    while read -r file line header; do
        case $header in
            */*) ;;
            *) continue ;;  # beside its file
        esac
        case $file:$header in
            *_test.cc:*/testing/*) continue ;;  # a part's helpers for tests are for all tests
        esac
        allowed="${may_use[$part]} embedded"  # made by curfew_embed, for whoever asked for it
        case $file in
            *_test.cc | */testing/*) allowed+=' support' ;;  # what tests share
        esac
        matches "${header%%/*}" "$allowed" ||
            fault "$file:$line: $part may not use ${header%%/*} ($header)."
    done < <(includes "$folder" '^ *# *include *"[^"]*"')
    while read -r file line header; do
        matches "${header#curfew/}" "${may_use_public[$part]}" ||
            fault "$file:$line: $part may not use the public header $header."
    done < <(includes "$folder" '^ *# *include *<curfew/[^>]*>')
done

for folder in "${engines[@]}"; do
    room=${folder#src/}
    room=${room%/}
    if [ -z "${room_may_use[$room]+there}" ]; then
        fault "$folder is no room of guests that this check knows; add what it may use."
        continue
    fi
    while read -r file line header; do
        case $header in
            */*) ;;
            *) continue ;;  # beside its file, or the engine's
        esac
        matches "$header" "${room_may_use[$room]}" || fault "$file:$line: $room may not use ${header%/*} ($header)."
    done < <(includes "$folder" '^ *# *include *"[^"]*"')
done

# Public headers stand alone; those of the monitors serve programs that know nothing of sandboxes.
while read -r file line header; do
    fault "$file:$line: a public header may not use what is not public ($header)."
done < <(includes include '^ *# *include *"[^"]*"')
while read -r file line header; do
    case $file in
        include/curfew/monitor* | include/curfew/base/* | include/curfew/callback.h | include/curfew/error.h | include/curfew/export.h | \
            include/curfew/usage.h)
            matches "${header#curfew/}" "${may_use_public[monitor]}" ||
                fault "$file:$line: the monitors' headers may not use $header." ;;
    esac
done < <(includes include '^ *# *include *<curfew/[^>]*>')

# Tests, and what they share, use everything.
sources() {
    find src include -type f \( -name '*.cc' -o -name '*.h' -o -name '*.c' -o -name '*.S' \) |
        grep -vE '_test\.cc$|/testing/|/test_support\.h$' | LC_ALL=C sort || true
}
while read -r sentence; do
    fault "$sentence"
done < <(
    sources | while read -r file; do
        matches "$file" "$may_have_rings" || printf '%s\n' "$file"
    done >"$scratch"
    {
        sed 's/^/file /' "$scratch"
        xargs -r grep -HnoE '^ *# *include *("[^"]*"|<curfew/[^>]*>)' <"$scratch" |
            sed -E 's/^([^:]*):[0-9]+: *# *include *(.*)$/include \1 \2/' || true
    } | awk -f "$rings"
)

for folder in $closed_folders; do
    while read -r file line header; do
        case $file in
            "src/${folder%%/*}"/*) ;;
            *) fault "$file:$line: only ${folder%%/*} itself may use $folder ($header)." ;;
        esac
    done < <(for place in src include bench examples tests; do
        includes "$place" "^ *# *include *\"$folder/[^\"]*\""
    done)
done

for name in "${!detail_of[@]}"; do
    while IFS=: read -r file line _; do
        matches "$file" "${detail_of[$name]}" || fault "$file:$line: only its own part may use $name."
    done < <(grep -rnwE --include='*.cc' --include='*.h' "$name" src include examples || true)
done

while read -r lines file; do
    limit=$longest
    [[ $file != *_test.cc && $file != *_test.c ]] || limit=$longest_test
    [ "$lines" -gt "$limit" ] || continue
    matches "$file" "${long_files[*]-}" ||
        fault "$file has $lines lines; split it by subject, or give it a place on the list of $0 with a reason."
done < <(find src include bench examples tests -type f \( -name '*.cc' -o -name '*.h' -o -name '*.c' -o -name '*.S' \) \
    -exec wc -l {} + | grep -v ' total$')

if [ "$faults" -gt 0 ]; then
    echo "$faults faults."
    exit 1
fi
echo "The parts use only what is below them."
