// Threads for what may block. One is made when none is free, since work can wait for other work (a tool that runs another
// sandbox), and ends after some seconds without any: who has many idle sandboxes has no thread for them.
#ifndef CURFEW_NODE_WORKERS_H
#define CURFEW_NODE_WORKERS_H

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace curfew::node {

class Workers {
  public:
    using Work = std::move_only_function<void()>;

    // Those of the process, for operations and for what is dropped. They are never destroyed: some may run until its end.
    static Workers& shared();
    static Workers& sweepers();

    // Has a thread run it; it must not throw. Throws std::system_error if there is no thread and none can be made.
    void run(Work work);

  private:
    explicit Workers(std::size_t most) noexcept : most_(most) {}
    void start_another();
    void serve() noexcept;

    const std::size_t most_;  // threads

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Work> waiting_;
    std::size_t threads_ = 0;
    std::size_t idle_ = 0;
    bool starting_ = false;  // one of the threads has not begun yet
};

}  // namespace curfew::node

#endif
