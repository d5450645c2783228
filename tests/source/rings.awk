# Finds rings of dependence, among units and among folders.
#
# A unit is what has one name: x.h, x.cc and, if x.cc includes it, the public header x.h. A public header without such a
# source, or with several of them, is a unit of its own, and lies in no folder: folders that use it use what it includes.
#
# Reads lines of two kinds, all of the first before the second:  file PATH      include PATH "HEADER" or <HEADER>
# Prints a sentence for each knot of units, or folders, that all depend on each other.

$1 == "file" { exists[$2] = 1 }
$1 == "include" {
    target = resolved($2, $3)
    if (!(target in exists) || target == $2) next
    ++includes
    from[includes] = $2
    to[includes] = target
    if ($2 ~ /^src\/.*\.(cc|c)$/ && target ~ /^include\// && stem_of($2) == stem_of(target)) {
        if (target in source_of && source_of[target] != bare($2)) has_several[target] = 1
        source_of[target] = bare($2)
    }
}
END {
    for (i = 1; i <= includes; ++i) connect("unit", unit_of(from[i]), unit_of(to[i]))
    for (i = 1; i <= nodes["unit"]; ++i) {
        if (node["unit", i] ~ /^src\//) connect_folders(node["unit", i])
    }
    report("unit", "These files")
    report("folder", "These folders")
}

function resolved(file, header,    name) {
    name = substr(header, 2, length(header) - 2)
    if (header ~ /^</) return "include/" name
    return name ~ /\// ? "src/" name : folder_of(file) "/" name
}
function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }
function bare(path) { sub(/\.[a-zA-Z]+$/, "", path); return path }
function stem_of(path) { path = bare(path); sub(/^.*\//, "", path); return path }
function unit_of(path) { return path in source_of && !(path in has_several) ? source_of[path] : bare(path) }

function add_node(kind, name) {
    if ((kind, name) in known) return
    known[kind, name] = 1
    node[kind, ++nodes[kind]] = name
}
function connect(kind, a, b) {
    if (a == b || (kind, a, b) in connected) return
    connected[kind, a, b] = 1
    add_node(kind, a)
    add_node(kind, b)
    target_of[kind, a, ++targets[kind, a]] = b
}

# Joins a unit's folder with the folders of the units that it uses, directly or through public headers without a source.
function connect_folders(unit,    queue, head, tail, seen, i, other) {
    queue[tail = 1] = unit
    for (head = 1; head <= tail; ++head) {
        for (i = 1; i <= targets["unit", queue[head]]; ++i) {
            other = target_of["unit", queue[head], i]
            if (other ~ /^src\//) {
                connect("folder", folder_of(unit), folder_of(other))
            } else if (!(other in seen)) {
                seen[other] = 1
                queue[++tail] = other
            }
        }
    }
}

# What can be reached from a node: reached[kind, start, other], and came_from[kind, start, other] on a shortest way.
function explore(kind, start,    queue, head, tail, i, other) {
    queue[tail = 1] = start
    for (head = 1; head <= tail; ++head) {
        for (i = 1; i <= targets[kind, queue[head]]; ++i) {
            other = target_of[kind, queue[head], i]
            if ((kind, start, other) in reached) continue
            reached[kind, start, other] = 1
            came_from[kind, start, other] = queue[head]
            if (other != start) queue[++tail] = other
        }
    }
}

function report(kind, who,    i, j, start, other, knot, size, way) {
    for (i = 1; i <= nodes[kind]; ++i) explore(kind, node[kind, i])
    for (i = 1; i <= nodes[kind]; ++i) {
        start = node[kind, i]
        if ((kind, start) in told || !((kind, start, start) in reached)) continue
        knot = ""
        size = 0
        for (j = i; j <= nodes[kind]; ++j) {
            other = node[kind, j]
            if (!((kind, start, other) in reached) || !((kind, other, start) in reached)) continue
            told[kind, other] = 1
            ++size
            knot = knot (knot == "" ? "" : ", ") other
        }
        way = start
        other = start
        do {
            other = came_from[kind, start, other]
            way = other " -> " way
        } while (other != start)
        printf "%s depend on each other (%d): %s; for example %s.\n", who, size, knot, way
    }
}
