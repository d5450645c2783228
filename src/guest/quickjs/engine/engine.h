// QuickJS-NG's interface, and what Curfew asks of the engine beyond it.
#ifndef CURFEW_GUEST_ENGINE_ENGINE_H
#define CURFEW_GUEST_ENGINE_ENGINE_H

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that the engine's objects, strings and functions take, counted exactly: what was made and freed
// again leaves no trace in it.
size_t engine_allocated_bytes(JSRuntime* engine);

// For out_of_memory.cc, which also takes the place of some of the engine's functions. The engine's own are weak symbols:
// JS_ThrowOutOfMemory, JS_Throw, JS_GetException, JS_IsUncatchableError, JS_SetUncatchableError and lre_realloc.

// The exception that is pending; JS_UNINITIALIZED is none.
JSValue* engine_pending_exception(JSContext* context);

// True while the engine collects the lines of a stack trace; it looks for a pending exception then where there may be none.
bool engine_is_building_stack(JSContext* context);

// A new `InternalError` with this message, and without a stack. Never collects garbage, and calls no code of the script.
// JS_NULL when there is no memory for it.
JSValue engine_new_out_of_memory_error(JSContext* context, JSValueConst message);

// True while that function runs.
bool engine_is_reporting_out_of_memory(JSRuntime* engine);

// A property whose value is made when it is first asked for. The maker changes nothing of the object. When it fails, the value is
// undefined from then on.
typedef struct EngineLazy {
    JSValue (*make)(JSContext* context, const struct EngineLazy* lazy, JSValueConst object);
    const char* name;
    int magic;
} EngineLazy;
// Defines such a property. `lazy` stays where it is. False, with an exception, when memory runs out. REQUIRES: the object has none
// of that name.
bool engine_define_lazily(JSContext* context, JSValueConst object, const EngineLazy* lazy, int flags);

// Symbol.toStringTag, Symbol.iterator, and what iterators of the engine inherit from.
JSAtom engine_to_string_tag(void);
JSValue engine_iterator_symbol(JSContext* context);
JSValue engine_iterator_prototype(JSContext* context);

// What the places in a stack inherit from that Error.prepareStackTrace gets.
JSValue engine_call_site_prototype(JSContext* context);

// What toLocaleLowerCase and toLocaleUpperCase do: the engine's own ignore the language.
JSValue engine_change_case(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int to_lower);

// True for an Error whose own message is this very string.
bool engine_has_message(JSValueConst value, JSValueConst message);

// True for an Error that has got its stack. REQUIRES: it is one.
bool engine_has_stack(JSValueConst error);

// Has the engine ask the interrupt handler at the next call or jump back of the script's code.
void engine_interrupt_soon(JSContext* context);

// True for a function that is the script's code.
bool engine_is_scripts_function(JSValueConst value);

// True when a function is running that was called by other code of the script, or by the guest.
bool engine_runs_function(JSContext* context);

// Text that a script evaluates has this and the script's name for a name, when the compiler is watched.
#define ENGINE_EVALUATED_TEXT "<input> of "

// The compiler writes on when an allocation has failed, and trips over what it wrote. After the first of these, the second,
// called when an allocation has failed, makes it give up at the next expression, and says whether it is at work.
void engine_watch_compiler(JSContext* context);
bool engine_is_compiling(void);
bool engine_stop_compiler(JSContext* context);

// Has the message of an error that the engine is about to throw name what is not a function, not a constructor, not iterable or not to be
// destructured, as the source writes it: "event.customer.greet is not a function". Leaves all other errors as they are.
void engine_name_what_failed(JSContext* context, JSValue error);

// For that: has the top level of a script or program that was compiled, and was not run yet, know its source, if that is not long.
void engine_keep_source(JSContext* context, JSValueConst compiled, const char* text, size_t size);

// What the engine's own JS_IsUncatchableError says.
bool engine_is_uncatchable(JSValueConst value);

// Throws, and returns true, when the stack is nearly used up. For native code that recurses.
bool engine_throws_for_deep_stack(JSContext* context);

// What an object is, whatever its prototype or properties say.
typedef enum {
    ENGINE_OTHER,
    ENGINE_PLAIN,  // an object of no special kind, or a function's `arguments`
    ENGINE_ARRAY,
    ENGINE_BOXED,  // Number, String, Boolean or BigInt
    ENGINE_DATE,
    ENGINE_REGEXP,
    ENGINE_ERROR,
    ENGINE_DOM_EXCEPTION,
    ENGINE_MAP,
    ENGINE_SET,
    ENGINE_ARRAY_BUFFER,
    ENGINE_SHARED_BUFFER,
    ENGINE_TYPED_ARRAY,
    ENGINE_DATA_VIEW,
} EngineKind;
EngineKind engine_kind_of(JSValueConst value);

// Where the bytes of an ArrayBuffer (also a shared one), typed array or DataView lie. They stay there until code of
// the script runs. False, with an exception, when they were detached, lie beyond a buffer that was made smaller, or
// with `to_write` are immutable. REQUIRES: the value is of such a kind.
bool engine_bytes_of(JSContext* context, JSValueConst value, bool to_write, uint8_t** bytes, size_t* size);

// The primitive value inside a boxed one, or a Date's number of milliseconds.
JSValue engine_unboxed(JSContext* context, JSValueConst object);

// New objects like the given one, with the engine's own prototypes and without other properties. A copy of a view
// looks at `buffer`, and lies there where the given one lies in its own, which is engine_buffer_of().
JSValue engine_copy_of_regexp(JSContext* context, JSValueConst regexp);
JSValue engine_copy_of_buffer(JSContext* context, JSValueConst buffer);
JSValue engine_share_of_buffer(JSContext* context, JSValueConst shared);  // another object for the same bytes
bool engine_is_detached(JSValueConst buffer);
bool engine_is_growable(JSValueConst buffer);
JSValue engine_copy_of_view(JSContext* context, JSValueConst view, JSValueConst buffer);
JSValue engine_buffer_of(JSContext* context, JSValueConst view);

// An Error of this name, "TypeError" say, without message and stack; of an unknown name, a plain Error.
JSValue engine_new_error(JSContext* context, const char* name);
// Gives an Error the stack that another has.
void engine_copy_stack(JSContext* context, JSValueConst from, JSValueConst to);
JSValue engine_new_dom_exception(JSContext* context, JSValueConst message, JSValueConst name);

// Maps and sets. The entries are an array: keys and values by turns, or the members.
JSValue engine_new_collection(JSContext* context, bool is_set);
uint32_t engine_size_of(JSValueConst collection);
JSValue engine_entries_of(JSContext* context, JSValueConst collection);
bool engine_add_entry(JSContext* context, JSValueConst collection, JSValueConst key, JSValueConst value);

// --- What values are made of, where the engine keeps it; see value_access.c ---

// A string's characters, of which one of both is set: Latin-1, or UTF-16. False for a rope: JS_ToString() makes it whole.
bool engine_string_chars(JSValueConst string, const uint8_t** narrow, const uint16_t** wide, size_t* size);
// The same of a name, if it is Latin-1 and not a number.
bool engine_atom_chars(JSContext* context, JSAtom atom, const uint8_t** narrow, size_t* size);

// An array's items, if they lie in a row. Valid until code of the script runs. Else null.
const JSValue* engine_items_of(JSValueConst array, uint32_t* count);

// How many own enumerable members with a text for a name an object has, if they can be visited: none is an accessor or a
// number, and nothing else about the object is special. Else -1.
int64_t engine_count_members(JSContext* context, JSValueConst object);
// Visits those that were counted, also when visiting one changes the object; one that is gone is undefined. False when a visit
// says so, or with an exception.
typedef bool (*EngineVisitor)(void* opaque, JSAtom name, JSValueConst value);
bool engine_each_member(JSContext* context, JSValueConst object, EngineVisitor visit, void* opaque);

// A BigInt's bytes, the most significant first, perhaps with zeros in front: of the number or, if it is negative, of what is
// below zero by one less. Says whether it is negative.
size_t engine_bigint_size(JSValueConst number);
bool engine_bigint_bytes(JSValueConst number, uint8_t* bytes);
JSValue engine_new_bigint(JSContext* context, const uint8_t* bytes, size_t size, bool negative);

JSValue engine_new_regexp(JSContext* context, JSValueConst source, JSValueConst flags);
JSValue engine_regexp_source(JSContext* context, JSValueConst regexp);
size_t engine_regexp_flags(JSValueConst regexp, char* flags);  // room for 8

enum {
    ENGINE_VIEW_UINT8,
    ENGINE_VIEW_UINT8_CLAMPED,
    ENGINE_VIEW_INT8,
    ENGINE_VIEW_UINT16,
    ENGINE_VIEW_INT16,
    ENGINE_VIEW_UINT32,
    ENGINE_VIEW_INT32,
    ENGINE_VIEW_BIGUINT64,
    ENGINE_VIEW_BIGINT64,
    ENGINE_VIEW_FLOAT16,
    ENGINE_VIEW_FLOAT32,
    ENGINE_VIEW_FLOAT64,
    ENGINE_VIEW_DATA,
};
int engine_view_kind(JSValueConst typed_array);
JSValue engine_new_view(JSContext* context, int kind, JSValueConst buffer);  // of the whole buffer

// Base64, or with `url` base64url without padding. `out` takes engine_base64_room(size) bytes at most. Returns how many
// there are.
size_t engine_base64_room(size_t size);
size_t engine_base64_encode(const uint8_t* bytes, size_t size, char* out, bool url);
// The other way, with or without padding, blanks ignored. `out` has room for `size` bytes. False: this is no such text.
bool engine_base64_decode(const char* text, size_t size, uint8_t* out, size_t* out_size, bool url);

// What `specifier` means in the module `importer`: found, loaded with all that it imports, but not evaluated. Null when
// that throws.
JSModuleDef* engine_load_module(JSContext* context, const char* importer, const char* specifier);

// Links and evaluates a loaded module. A promise, or an exception.
JSValue engine_evaluate_module(JSContext* context, JSModuleDef* module);

// The engine cannot begin to evaluate a module while the evaluation of another is on its stack, if the one imports the
// other. In between these two calls it can: modules whose evaluation has begun pass for evaluated ones. Pauses nest.
// Null when memory runs out.
typedef struct EnginePause EnginePause;
EnginePause* engine_pause_evaluations(JSContext* context);
void engine_resume_evaluations(JSContext* context, EnginePause* pause);

// True for a module whose evaluation is paused.
bool engine_is_paused(const JSModuleDef* module);

// A program's function, not called yet: a value that JS_EvalFunction calls as often as it is given it, and that gives a
// promise of an object { value }. The first line is line 0. A program that `keeps_names` declares them for whatever runs
// after it, which can be done once; before it can be done again, the names have to be allowed again.
JSValue engine_compile_program(JSContext* context, const char* source, size_t size, const char* file, bool keeps_names);

// Lets a program that keeps its names declare names that an earlier one has declared, which those are forgotten for.
void engine_allow_names_again(JSContext* context, JSValueConst program);

// Whether the engine has loaded a module of that name.
bool engine_has_module(JSContext* context, const char* name);

// True for a compiled module whose text imports, exports or awaits something.
bool engine_is_es_module(const JSModuleDef* module);

// Drops a module that was compiled, and that nobody has yet.
void engine_forget_module(JSContext* context, JSModuleDef* module);

// When a module could not be loaded, the engine forgets it, but not the modules that import it. This drops those too,
// so that they are loaded anew when they are asked for again. REQUIRES: no module is being loaded.
void engine_drop_broken_modules(JSContext* context);

#ifdef __cplusplus
}
#endif

#endif
