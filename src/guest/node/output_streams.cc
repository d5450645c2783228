#include "guest/node/output_streams.h"

#include "guest/platform/output.h"

namespace curfew::guest {

namespace {

constexpr size_t kLongestLine = 1024;
constexpr size_t kMostComplaints = 400;

char line[kLongestLine];
size_t line_size;

char complaint[kMostComplaints + 1];  // a line
size_t complaint_size;

void end_line() {
    print(wire::PrintLevel::error, {line, line_size});
    line_size = 0;
}

bool is_decoration(char character) { return character == '\n' || character == ' ' || character == '#'; }

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

void note_complaint(const char* text, size_t size) {
    for (size_t i = 0; i < size && complaint_size < kMostComplaints; ++i) {
        const bool again = complaint_size == 0 || complaint[complaint_size - 1] == ' ';
        if (!is_decoration(text[i])) {
            complaint[complaint_size++] = text[i];
        } else if (!again) {
            complaint[complaint_size++] = ' ';
        }
    }
    complaint[complaint_size] = '\0';
}

const char* complaints() { return complaint; }

void forget_complaints() {
    if (complaint_size > 0) complaint[complaint_size = 0] = '\0';
}

}  // namespace curfew::guest
