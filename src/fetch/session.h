// The requests of one invocation.
#ifndef CURFEW_FETCH_SESSION_H
#define CURFEW_FETCH_SESSION_H

#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <memory>

#include <curfew/fetch/transport.h>

#include "base/mutex.h"
#include "fetch/exchange.h"
#include "fetch/rules.h"

namespace curfew::fetch {

// Thread-safe. What goes on is given up when it is destroyed, and transports may still hold what is left of it then.
class Session {
  public:
    Session(std::shared_ptr<const Rules> rules, std::shared_ptr<FetchTransport> transport);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Starts a request, or has it wait for its turn. Gives its number, which is small enough for a JavaScript number.
    std::expected<std::uint64_t, Failure> begin(Wanted wanted);

    // Null if there is none of that number, or it was closed.
    std::shared_ptr<Exchange> find(std::uint64_t number);

    // Gives it up, if it has not ended, and forgets it. Nothing happens if there is none.
    void close(std::uint64_t number);

  private:
    struct Waiting {
        FetchRequest request;
        std::shared_ptr<Exchange> exchange;
        std::shared_ptr<bool> started;  // of its queue's mutex
    };
    // What outlives the session, for exchanges that end later.
    struct Queue {
        std::shared_ptr<FetchTransport> transport;
        std::uint32_t most = 0;
        base::Mutex mutex;
        std::uint32_t running GUARDED_BY(mutex) = 0;
        bool starting GUARDED_BY(mutex) = false;  // somebody is starting those that wait, until no more may run
        std::deque<Waiting> waiting GUARDED_BY(mutex);
    };
    static void start_waiting(Queue& queue);
    static void start(Queue& queue, Waiting next);
    static void release(Queue& queue, const Exchange* ended, const bool& started);

    const std::shared_ptr<const Rules> rules_;
    const std::shared_ptr<Queue> queue_;
    base::Mutex mutex_;
    std::uint64_t first_ GUARDED_BY(mutex_) =
        0;  // by chance: no number of another invocation means something in this one
    std::uint32_t begun_ GUARDED_BY(mutex_) = 0;
    std::map<std::uint64_t, std::shared_ptr<Exchange>> exchanges_ GUARDED_BY(mutex_);
};

}  // namespace curfew::fetch

#endif
