// What process cells need of a machine.
#ifndef CURFEW_CELL_PROCESS_REQUIREMENTS_H
#define CURFEW_CELL_PROCESS_REQUIREMENTS_H

#include <string>
#include <vector>

namespace curfew::cell {

struct Requirement {
    std::string name;  // "seccomp"
    bool met;
    std::string detail;  // what was found, or what is missing and how to get it
};

// Looks at each.
std::vector<Requirement> process_requirements();

}  // namespace curfew::cell

#endif
