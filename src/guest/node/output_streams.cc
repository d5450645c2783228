#include "guest/node/output_streams.h"

#include <string.h>

#include "guest/platform/output.h"

namespace curfew::guest {

namespace {

constexpr size_t kLongestLine = 1024;

char line[kLongestLine];
size_t line_size;
char last_line[kLongestLine + 1];

void end_line() {
    if (line_size > 0) {
        memcpy(last_line, line, line_size);
        last_line[line_size] = '\0';
    }
    print(wire::PrintLevel::error, {line, line_size});
    line_size = 0;
}

}  // namespace

void write_output(int descriptor, const char* text, size_t size) {
    if (descriptor != 2) return print(wire::PrintLevel::print, {text, size});
    for (size_t i = 0; i < size; ++i) {
        if (text[i] == '\n') {
            end_line();
            continue;
        }
        if (line_size == kLongestLine) end_line();
        line[line_size++] = text[i];
    }
}

void flush_output() {
    if (line_size > 0) end_line();
}

const char* last_error_line() { return last_line; }

}  // namespace curfew::guest
