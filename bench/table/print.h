// Rows as a table for people, and as JSON for programs.
#ifndef CURFEW_BENCH_TABLE_PRINT_H
#define CURFEW_BENCH_TABLE_PRINT_H

#include <span>
#include <string>
#include <string_view>

#include "table/row.h"

namespace curfew::bench {

// The table's first lines, and one row of it, with a line feed at the end. Rows have fixed columns, so that
// each can be printed when it has been measured.
std::string table_head();
std::string table_line(const Row& row);

// A line in the table's place for a benchmark that could not run.
std::string table_gap(std::string_view name, std::string_view reason);

// One JSON array of objects; amounts are plain numbers in the unit that the object names.
std::string to_json(std::span<const Row> rows);

}  // namespace curfew::bench

#endif
