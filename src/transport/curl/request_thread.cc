// The thread that serves all requests of a transport.
#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curfew/curl_transport.h>

#include "base/forks.h"
#include "base/mutex.h"
#include "transport/curl/libcurl.h"
#include "transport/curl/transfer.h"

namespace curfew {

namespace transport {

namespace {

// Signals of the program are delivered to its own threads.
std::thread start_without_signals(std::move_only_function<void()> body) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread(std::move(body));
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return thread;
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
}

// Shared by the transport and its thread, which may outlive it by a moment.
class Loop : public std::enable_shared_from_this<Loop> {
  public:
    using Command = std::move_only_function<void(Loop&)>;

    explicit Loop(CurlOptions options) : options_(std::move(options)), multi_(libcurl().multi_init()) {
        if (!multi_) throw std::runtime_error("libcurl has no memory for a thread of requests");
        libcurl().multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                               static_cast<long>(options_.max_connections));
    }

    // From any thread.
    void post(Command command) {
        {
            base::Lock lock(mutex_);
            if (stopped_) return;
            commands_.push_back(std::move(command));
        }
        libcurl().multi_wakeup(multi_.get());
    }
    void stop() {
        {
            base::Lock lock(mutex_);
            stopped_ = true;
        }
        libcurl().multi_wakeup(multi_.get());
    }

    // Is never destroyed.
    void stay() { self_ = shared_from_this(); }

    // On the loop's thread, to the end.
    void run() {
        while (run_commands()) {
            int running = 0;
            libcurl().multi_perform(multi_.get(), &running);
            take_results();
            drop_over();
            constexpr int kLongestWait = 60'000;  // ms; whoever has something wakes it
            libcurl().multi_poll(multi_.get(), nullptr, 0, kLongestWait, nullptr);
        }
        while (!transfers_.empty()) remove(transfers_.begin()->first);
    }

    void add(FetchRequest request, FetchReply reply) {
        const std::uint64_t number = ++last_;
        auto wake = [weak = weak_from_this(), number] {
            if (const auto loop = weak.lock()) loop->post([number](Loop& self) { self.go_on(number); });
        };
        auto transfer = std::make_unique<Transfer>(std::move(request), std::move(reply), options_, std::move(wake));
        libcurl().easy_setopt(transfer->handle(), CURLOPT_PRIVATE, transfer.get());
        libcurl().multi_add_handle(multi_.get(), transfer->handle());
        transfers_.emplace(number, std::move(transfer));
    }

  private:
    struct MultiDeleter {
        void operator()(CURLM* multi) const noexcept { libcurl().multi_cleanup(multi); }
    };

    bool run_commands() {
        std::vector<Command> commands;  // destroyed without the lock: what they hold may post another
        {
            base::Lock lock(mutex_);
            commands.swap(commands_);
            if (stopped_) return false;
        }
        for (Command& command : commands) command(*this);
        return true;
    }

    void go_on(std::uint64_t number) {
        if (const auto found = transfers_.find(number); found != transfers_.end()) found->second->go_on();
    }

    void take_results() {
        int left = 0;
        while (const CURLMsg* const message = libcurl().multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            void* transfer = nullptr;
            libcurl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            static_cast<Transfer*>(transfer)->done(message->data.result);
        }
    }

    void drop_over() {
        std::vector<std::uint64_t> over;
        for (const auto& [number, transfer] : transfers_) {
            if (transfer->over()) over.push_back(number);
        }
        for (const std::uint64_t number : over) remove(number);
    }

    void remove(std::uint64_t number) {
        const auto found = transfers_.find(number);
        libcurl().multi_remove_handle(multi_.get(), found->second->handle());
        transfers_.erase(found);
    }

    const CurlOptions options_;
    std::shared_ptr<Loop> self_;
    std::unique_ptr<CURLM, MultiDeleter> multi_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>> transfers_;  // of the loop's thread
    std::uint64_t last_ = 0;

    base::Mutex mutex_;
    std::vector<Command> commands_ GUARDED_BY(mutex_);
    bool stopped_ GUARDED_BY(mutex_) = false;
};

class CurlTransport final : public FetchTransport {
  public:
    explicit CurlTransport(CurlOptions options)
        : forks_(base::forks()),
          loop_(std::make_shared<Loop>(std::move(options))),
          thread_(start_without_signals([loop = loop_] { loop->run(); })) {
        pthread_setname_np(thread_.native_handle(), "curfew-fetch");
    }

    // The last request to end may be what holds the transport: then this is its own thread. A forked child has no such thread, and
    // cannot take down what it left.
    ~CurlTransport() override {
        if (base::forks() != forks_) {
            thread_.detach();
            loop_->stay();
            return;
        }
        loop_->stop();
        if (thread_.get_id() == std::this_thread::get_id()) {
            thread_.detach();
        } else {
            thread_.join();
        }
    }
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;

    void start(FetchRequest request, FetchReply reply) override {
        if (base::forks() != forks_) throw std::logic_error("a child process needs a transport of its own");
        loop_->post([request = std::move(request), reply = std::move(reply)](Loop& loop) mutable {
            // A reply that is dropped has failed.
            try {
                loop.add(std::move(request), std::move(reply));
            } catch (const std::exception&) {
            }
        });
    }

  private:
    std::uint64_t forks_;
    std::shared_ptr<Loop> loop_;
    std::thread thread_;
};

}  // namespace

}  // namespace transport

std::shared_ptr<FetchTransport> curl_transport(CurlOptions options) {
    transport::libcurl();
    return std::make_shared<transport::CurlTransport>(std::move(options));
}

}  // namespace curfew
