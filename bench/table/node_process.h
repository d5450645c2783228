// An ordinary Node.js beside a cell: it calls a handler each time that it is asked to, and says what that took of its CPU.
#ifndef CURFEW_BENCH_TABLE_NODE_PROCESS_H
#define CURFEW_BENCH_TABLE_NODE_PROCESS_H

#include <sys/types.h>

#include <string>

#include <curfew/error.h>

#include "base/descriptor.h"

namespace curfew::bench {

// The path of bin/node that sandboxes are made of. Fails if there is none.
Result<std::string> node_program();

class NodeProcess {
  public:
    // With a script that defines a function `handler`.
    static Result<NodeProcess> start(const std::string& program, const std::string& script);

    NodeProcess(NodeProcess&& other) noexcept;
    NodeProcess& operator=(NodeProcess&&) = delete;
    ~NodeProcess();

    struct Answer {
        double cpu_time;     // of the process, in nanoseconds, by its own account
        std::string result;  // JSON
    };
    Result<Answer> call();

  private:
    NodeProcess(pid_t pid, base::Descriptor input, base::Descriptor output);

    pid_t pid_;
    base::Descriptor input_, output_;
};

}  // namespace curfew::bench

#endif
