// Stops a runaway SQLite query by the CPU time that it uses.
#include <sqlite3.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <semaphore>
#include <string>

#include <curfew/monitor.h>

using namespace std::chrono_literals;

namespace {

struct Closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

// The query's first value, as text.
std::string first_value(sqlite3* db, const char* query) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(db, query, -1, &prepared, nullptr) != SQLITE_OK) return sqlite3_errmsg(db);
    const Statement statement(prepared);
    if (sqlite3_step(prepared) != SQLITE_ROW) return sqlite3_errmsg(db);
    return reinterpret_cast<const char*>(sqlite3_column_text(prepared, 0));
}

curfew::Result<std::string> limited_query(sqlite3* db, const char* query) {
    // SQLite forgets an interrupt that comes before the query runs, so it is repeated until the query has
    // ended. That is allowed: an interrupt may take its time, and supervise waits for it.
    std::binary_semaphore ended(0);
    const auto interrupt = [&] {
        do sqlite3_interrupt(db);
        while (!ended.try_acquire_for(1ms));
    };
    return curfew::supervise(std::tuple{curfew::CpuTimeMonitor(200ms), curfew::WallClockMonitor(10s)}, interrupt, [&] {
        std::string value = first_value(db, query);
        ended.release();
        return value;
    });
}

}  // namespace

int main() {
    sqlite3* opened = nullptr;
    if (sqlite3_open(":memory:", &opened) != SQLITE_OK) return 1;
    const Database db(opened);

    for (const char* query : {
             "SELECT 6 * 7",
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",  // has
                                                                                                        // no
                                                                                                        // end
             "SELECT 'and the database still works'",
         }) {
        const curfew::Result<std::string> value = limited_query(db.get(), query);
        std::cout << (value ? *value : "ended by " + value.error().terminated_by + ": " + value.error().message)
                  << '\n';
    }
}
