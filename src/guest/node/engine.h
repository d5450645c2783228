// Node.js on the one thread of a cell: made once, in the process that is frozen, and used in cells for one request after the other.
#ifndef CURFEW_GUEST_NODE_ENGINE_H
#define CURFEW_GUEST_NODE_ENGINE_H

#include <node.h>
#include <stdint.h>
#include <v8.h>

#include <memory>
#include <string>
#include <string_view>

#include "guest/node/platform.h"

namespace curfew::guest {

// What a request came to, as the scripts in js/ or the engine say.
struct Answer {
    bool done = false;
    uint32_t flags = 0;     // wire::kOutOfMemory and the like; of a result, whether it is wire::kCbor
    std::string text = {};  // the result, or the failure's message
    std::string stack = {};
};

// There is one in a process. A request runs until it has its answer, whoever gives that; then what it left is dropped.
//
// Three things end the JavaScript that runs, whatever it does: process.exit(), memory that has run out, and the engine itself, which
// then ends the cell. The first two end the request only.
class Engine {
  public:
    // Boots Node and runs js/main.js. Ends the process with a message if that fails. `jitless`: V8 makes no machine code.
    explicit Engine(bool jitless);

    v8::Isolate* isolate() const { return setup_->isolate(); }
    v8::Local<v8::Context> context() const { return setup_->context(); }
    v8::Local<v8::String> string(std::string_view text) const;  // of UTF-8; empty if it is longer than a string can be
    v8::Local<v8::Value> bytes(std::string_view from) const;    // a Uint8Array; empty if there is no memory for it
    // A string whose characters are the bytes: the cheapest form in which they reach scripts. Empty as above.
    v8::Local<v8::String> characters(std::string_view bytes) const;

    // Runs `warm` of main.js and what it starts, and leaves nothing behind that could not be frozen.
    void warm();

    // In a cell, before the first request.
    void start_in_cell(uint64_t heap_size, uint64_t stack_size);

    void reseed();

    // Requests. Each sets answer(). What string() could not make is an answer already. REQUIRES: a handle scope.
    void load(v8::Local<v8::String> handler, v8::Local<v8::String> script, v8::Local<v8::String> source,
              bool is_program);
    void evaluate(v8::Local<v8::String> script, v8::Local<v8::String> program, bool as_cbor);
    void call(v8::Local<v8::String> handler, v8::Local<v8::String> event, bool as_cbor);  // that: as characters()
    const Answer& answer() const { return answer_; }

    void collect_garbage();
    void collect_garbage_if_grown();

    // For what scripts call.
    void give(Answer answer);  // the first of a request counts

    // Runs what there is to run until the promise is settled, or nothing is left. False, and nothing is run, in the middle of a
    // promise's job, where the engine runs no others.
    bool wait_for(v8::Local<v8::Promise> promise);

    // Ends the script that runs. `is_cut_short` until that is done.
    void exit(int status);
    void run_out_of_memory();
    bool is_cut_short() const { return exited_ || out_of_memory_; }

    // Whether there is memory left, once garbage is collected.
    bool has_room();

    // Called in the middle of an allocation: more memory is in use than there should be.
    void memory_is_short();

  private:
    enum Function { kLoad, kCall, kReplied, kReseed, kStalled, kFinish, kExited, kWarm, kEvaluate, kFunctions };
    static constexpr const char* kNames[kFunctions] = {"load",   "call",   "replied", "reseed",  "stalled",
                                                       "finish", "exited", "warm",    "evaluate"};

    void boot_node(bool jitless);
    void run_main_script();

    void run(Function function, int count, v8::Local<v8::Value>* arguments);
    v8::MaybeLocal<v8::Value> enter(Function function, int count = 0, v8::Local<v8::Value>* arguments = nullptr);
    void run_jobs();
    bool run_loop_once();  // false: there is nothing left
    bool pass_loop();      // likewise
    void pass_on_reply();
    void end_what_was_cut_short();
    void finish();
    void check_memory();
    void limit_script_heap();
    void refuse_open_handles();

    Platform* platform_ = nullptr;
    std::shared_ptr<::node::InitializationResult> process_;
    std::unique_ptr<::node::CommonEnvironmentSetup> setup_;
    v8::Global<v8::Object> resource_;  // of all callbacks
    v8::Global<v8::Function> functions_[kFunctions];

    Answer answer_;
    bool answered_ = true;
    bool exited_ = false;
    int exit_status_ = 0;
    bool was_cut_short_ = false;
    bool out_of_memory_ = false;
    bool collection_is_due_ = false;
    size_t script_heap_limit_ = 0;  // bytes
    uint64_t used_when_clean_ = 0;  // bytes
};

}  // namespace curfew::guest

#endif
