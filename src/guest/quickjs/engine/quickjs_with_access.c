// QuickJS-NG as it is, and below it the few functions of engine.h that need to see inside its runtime.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dtoa.h"
#include "guest/platform/decimal.h"
#include "guest/quickjs/engine/engine.h"

// A compiler that may not know C's functions makes the engine a tenth slower.
_Static_assert(__builtin_constant_p(strlen("abc")), "-fbuiltin has to stand behind -ffreestanding");

// guest/quickjs/out_of_memory.cc has others of the same names, which take the place of these.
#define REPLACED __attribute__((weak))
REPLACED JSValue JS_ThrowOutOfMemory(JSContext* context);
REPLACED JSValue JS_Throw(JSContext* context, JSValue thrown);
REPLACED JSValue JS_GetException(JSContext* context);
REPLACED bool JS_IsUncatchableError(JSValueConst value);
REPLACED void JS_SetUncatchableError(JSContext* context, JSValueConst value);
REPLACED void* lre_realloc(void* context, void* block, size_t size);

#define strtod decimal_to_double  // the engine reads the numbers in JSON with it
static int js_dtoa_with_fewest_digits(char* text, double number, int radix, int digits, int flags,
                                      JSDTOATempMem* memory) {
    const int length = js_dtoa(text, number, radix, digits, flags, memory);
    const bool of_any_length = radix == 10 && (flags & JS_DTOA_FORMAT_MASK) == JS_DTOA_FORMAT_FREE;
    return of_any_length ? drop_digit_of_power_of_two(text, length, number) : length;
}
// In place of the engine's refusal of a return at the top level; see source.cmake.
struct JSParseState;
static int engine_parse_return(struct JSParseState* parser);

#define js_dtoa js_dtoa_with_fewest_digits  // the engine has a digit too many for some powers of two
// In the engine's tables of functions stand others for these, and the engine's own have other names: a name that no parenthesis follows,
// as there, is not replaced. See locales.h.
typedef JSValue Function(JSContext* context, JSValueConst self, int count, JSValueConst* arguments);
typedef JSValue FunctionWithMagic(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int magic);
static FunctionWithMagic get_date_string, js_number_toString, js_array_join, js_typed_array_join;
static Function js_object_toLocaleString, js_string_localeCompare;
#define get_date_string(...) get_date_string_of_engine(__VA_ARGS__)
#define js_number_toString(...) js_number_toString_of_engine(__VA_ARGS__)
#define js_array_join(...) js_array_join_of_engine(__VA_ARGS__)
#define js_typed_array_join(...) js_typed_array_join_of_engine(__VA_ARGS__)
#define js_object_toLocaleString(...) js_object_toLocaleString_of_engine(__VA_ARGS__)
#define js_string_localeCompare(...) js_string_localeCompare_of_engine(__VA_ARGS__)

// The engine has properties whose values it makes from bytecode when they are asked for. Ours are made in the same way: the engine's
// table has our function, and the engine's own has another name.
struct JSObject;
static JSValue js_bytecode_autoinit(JSContext* context, struct JSObject* object, JSAtom name, void* opaque);
#define js_bytecode_autoinit(...) js_bytecode_autoinit_of_engine(__VA_ARGS__)
#include "quickjs.c"
#undef js_bytecode_autoinit
#undef get_date_string
#undef js_number_toString
#undef js_array_join
#undef js_typed_array_join
#undef js_object_toLocaleString
#undef js_string_localeCompare
// What follows is checked against the engine there.
#include "guest/quickjs/engine/locales.h"
#include "guest/quickjs/engine/modules_access.h"
#include "guest/quickjs/engine/private_parts.h"
#include "guest/quickjs/engine/programs.h"

static JSValue js_bytecode_autoinit(JSContext* context, JSObject* object, JSAtom name, void* opaque) {
    if ((uintptr_t)opaque <= JS_BUILTIN_ITERATOR_ZIP_KEYED)
        return js_bytecode_autoinit_of_engine(context, object, name, opaque);
    const EngineLazy* const lazy = opaque;
    return lazy->make(context, lazy, JS_MKPTR(JS_TAG_OBJECT, object));
}

bool engine_define_lazily(JSContext* context, JSValueConst object, const EngineLazy* lazy, int flags) {
    const JSAtom name = JS_NewAtom(context, lazy->name);
    if (name == JS_ATOM_NULL) return false;
    const int done = JS_DefineAutoInitProperty(context, object, name, JS_AUTOINIT_ID_BYTECODE, (void*)lazy, flags);
    JS_FreeAtom(context, name);
    return done > 0;
}

JSAtom engine_to_string_tag(void) { return JS_ATOM_Symbol_toStringTag; }

JSValue engine_iterator_symbol(JSContext* context) { return JS_AtomToValue(context, JS_ATOM_Symbol_iterator); }

JSValue engine_call_site_prototype(JSContext* context) { return js_dup(context->class_proto[JS_CLASS_CALL_SITE]); }

JSValue engine_iterator_prototype(JSContext* context) {
    return JS_DupValue(context, context->class_proto[JS_CLASS_ITERATOR]);
}

size_t engine_allocated_bytes(JSRuntime* engine) { return engine->malloc_state.malloc_size; }

JSValue* engine_pending_exception(JSContext* context) { return &context->rt->current_exception; }

bool engine_is_building_stack(JSContext* context) { return context->rt->in_build_stack_trace; }

JSValue engine_new_out_of_memory_error(JSContext* context, JSValueConst message) {
    JSRuntime* const engine = context->rt;
    if (engine->in_out_of_memory) return JS_NULL;
    const size_t threshold = engine->malloc_gc_threshold;
    engine->in_out_of_memory = true;
    engine->malloc_gc_threshold = SIZE_MAX;  // what the allocation was for may be half done
    JSValue error = JS_NewObjectProtoClass(context, context->native_error_proto[JS_INTERNAL_ERROR], JS_CLASS_ERROR);
    if (!JS_IsException(error) && JS_DefinePropertyValue(context, error, JS_ATOM_message, JS_DupValue(context, message),
                                                         JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0) {
        JS_FreeValue(context, error);
        error = JS_EXCEPTION;
    }
    engine->malloc_gc_threshold = threshold;
    engine->in_out_of_memory = false;
    return JS_IsException(error) ? JS_NULL : error;
}

bool engine_is_reporting_out_of_memory(JSRuntime* engine) { return engine->in_out_of_memory; }

bool engine_has_message(JSValueConst value, JSValueConst message) {
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT) return false;
    JSObject* const object = JS_VALUE_GET_OBJ(value);
    if (object->class_id != JS_CLASS_ERROR) return false;
    JSProperty* property;
    const JSShapeProperty* const shape = find_own_property(&property, object, JS_ATOM_message);
    return shape && (shape->flags & JS_PROP_TMASK) == JS_PROP_NORMAL && JS_IsString(property->u.value) &&
           JS_VALUE_GET_PTR(property->u.value) == JS_VALUE_GET_PTR(message);
}

bool engine_has_stack(JSValueConst error) { return !JS_IsUndefined(JS_VALUE_GET_OBJ(error)->u.object_data); }

void engine_interrupt_soon(JSContext* context) { context->interrupt_counter = 0; }

bool engine_runs_function(JSContext* context) { return context->rt->current_stack_frame != NULL; }

bool engine_is_scripts_function(JSValueConst value) {
    return JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT && js_class_has_bytecode(JS_VALUE_GET_OBJ(value)->class_id);
}

static bool compiling;
static const JSStackFrame* compiling_for;  // while that frame is the innermost one, no code of the script runs

#include "guest/quickjs/engine/evaluated_text.h"

static JSValue eval_watched(JSContext* context, JSValueConst this_object, const char* source, size_t size,
                            const char* file, int line, int flags, int scope) {
    JSRuntime* const engine = context->rt;
    const bool compiled = compiling;
    const JSStackFrame* const compiled_for = compiling_for;
    const uintptr_t stack_limit = engine->stack_limit;
    compiling = true;
    compiling_for = engine->current_stack_frame;
    char* const name = name_of_evaluated_text(context, flags);
    const JSValue result =
        __JS_EvalInternal(context, this_object, source, size, name ? name : file, line, flags, scope);
    js_free_rt(engine, name);
    compiling = compiled;
    compiling_for = compiled_for;
    engine->stack_limit = stack_limit;
    return result;
}

bool engine_is_compiling(void) { return compiling; }

void engine_watch_compiler(JSContext* context) { context->eval_internal = eval_watched; }

bool engine_stop_compiler(JSContext* context) {
    JSRuntime* const engine = context->rt;
    if (!compiling || engine->current_stack_frame != compiling_for) return false;
    engine->stack_limit = UINTPTR_MAX;  // looks to the compiler as if the stack was used up
    return true;
}

bool engine_is_uncatchable(JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT) return false;
    const JSObject* const object = JS_VALUE_GET_OBJ(value);
    return object->class_id == JS_CLASS_ERROR && object->is_uncatchable_error;
}

bool engine_throws_for_deep_stack(JSContext* context) {
    if (!js_check_stack_overflow(context->rt, 0)) return false;
    JS_ThrowStackOverflow(context);
    return true;
}

EngineKind engine_kind_of(JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT) return ENGINE_OTHER;
    const JSClassID kind = JS_VALUE_GET_OBJ(value)->class_id;
    if (is_typed_array(kind)) return ENGINE_TYPED_ARRAY;
    switch (kind) {
        case JS_CLASS_OBJECT:
        case JS_CLASS_ARGUMENTS:
        case JS_CLASS_MAPPED_ARGUMENTS: return ENGINE_PLAIN;
        case JS_CLASS_ARRAY: return ENGINE_ARRAY;
        case JS_CLASS_NUMBER:
        case JS_CLASS_STRING:
        case JS_CLASS_BOOLEAN:
        case JS_CLASS_BIG_INT: return ENGINE_BOXED;
        case JS_CLASS_DATE: return ENGINE_DATE;
        case JS_CLASS_REGEXP: return ENGINE_REGEXP;
        case JS_CLASS_ERROR: return ENGINE_ERROR;
        case JS_CLASS_DOM_EXCEPTION: return ENGINE_DOM_EXCEPTION;
        case JS_CLASS_MAP: return ENGINE_MAP;
        case JS_CLASS_SET: return ENGINE_SET;
        case JS_CLASS_ARRAY_BUFFER: return ENGINE_ARRAY_BUFFER;
        case JS_CLASS_SHARED_ARRAY_BUFFER: return ENGINE_SHARED_BUFFER;
        case JS_CLASS_DATAVIEW: return ENGINE_DATA_VIEW;
        default: return ENGINE_OTHER;
    }
}

bool engine_bytes_of(JSContext* context, JSValueConst value, bool to_write, uint8_t** bytes, size_t* size) {
    JSObject* const object = JS_VALUE_GET_OBJ(value);
    const bool is_typed = is_typed_array(object->class_id);
    const bool is_view = is_typed || object->class_id == JS_CLASS_DATAVIEW;
    const JSArrayBuffer* const buffer = (is_view ? object->u.typed_array->buffer : object)->u.array_buffer;
    *bytes = NULL;
    *size = 0;
    if (buffer->detached) {
        JS_ThrowTypeErrorDetachedArrayBuffer(context);
        return false;
    }
    if (is_view && (is_typed ? typed_array_is_oob(object) : dataview_is_oob(object))) {
        JS_ThrowTypeErrorArrayBufferOOB(context);
        return false;
    }
    if (to_write && buffer->immutable) {
        JS_ThrowTypeErrorImmutableArrayBuffer(context);
        return false;
    }
    *bytes = buffer->data;
    *size = buffer->byte_length;
    if (!is_view) return true;
    const JSTypedArray* const view = object->u.typed_array;
    *bytes += view->offset;
    *size = !view->track_rab ? view->length
            : is_typed       ? (size_t)object->u.array.count << typed_array_size_log2(object->class_id)
                             : buffer->byte_length - view->offset;
    return true;
}

JSValue engine_unboxed(JSContext* context, JSValueConst object) {
    return JS_DupValue(context, JS_VALUE_GET_OBJ(object)->u.object_data);
}

JSValue engine_copy_of_regexp(JSContext* context, JSValueConst regexp) {
    const JSRegExp* const original = &JS_VALUE_GET_OBJ(regexp)->u.regexp;
    return js_regexp_constructor_internal(context, JS_UNDEFINED,
                                          JS_DupValue(context, JS_MKPTR(JS_TAG_STRING, original->pattern)),
                                          JS_DupValue(context, JS_MKPTR(JS_TAG_STRING, original->bytecode)));
}

JSValue engine_copy_of_buffer(JSContext* context, JSValueConst buffer) {
    const JSArrayBuffer* const original = JS_VALUE_GET_OBJ(buffer)->u.array_buffer;
    if (original->detached) return JS_ThrowTypeErrorDetachedArrayBuffer(context);
    uint64_t limit = original->max_byte_length < 0 ? 0 : original->max_byte_length;
    return js_array_buffer_constructor3(context, JS_UNDEFINED, original->byte_length,
                                        original->max_byte_length < 0 ? NULL : &limit, JS_CLASS_ARRAY_BUFFER,
                                        original->data, js_array_buffer_realloc, NULL, /*alloc_flag=*/true);
}

JSValue engine_share_of_buffer(JSContext* context, JSValueConst shared) {
    const JSArrayBuffer* const original = JS_VALUE_GET_OBJ(shared)->u.array_buffer;
    return js_array_buffer_constructor3(context, JS_UNDEFINED, original->byte_length, NULL,
                                        JS_CLASS_SHARED_ARRAY_BUFFER, original->data, NULL, NULL, /*alloc_flag=*/false);
}

bool engine_is_detached(JSValueConst buffer) { return JS_VALUE_GET_OBJ(buffer)->u.array_buffer->detached; }

bool engine_is_growable(JSValueConst buffer) { return JS_VALUE_GET_OBJ(buffer)->u.array_buffer->max_byte_length >= 0; }

JSValue engine_buffer_of(JSContext* context, JSValueConst view) {
    return JS_DupValue(context, JS_MKPTR(JS_TAG_OBJECT, JS_VALUE_GET_OBJ(view)->u.typed_array->buffer));
}

JSValue engine_copy_of_view(JSContext* context, JSValueConst view, JSValueConst buffer) {
    JSObject* const object = JS_VALUE_GET_OBJ(view);
    const JSTypedArray* const original = object->u.typed_array;
    const bool is_data_view = object->class_id == JS_CLASS_DATAVIEW;
    JSValueConst arguments[3] = {buffer, js_uint32(original->offset), JS_UNDEFINED};
    if (!original->track_rab) {
        arguments[2] =
            js_uint32(is_data_view ? original->length : original->length >> typed_array_size_log2(object->class_id));
    }
    if (is_data_view) return js_dataview_constructor(context, JS_UNDEFINED, 3, arguments);
    return js_typed_array_constructor(context, JS_UNDEFINED, 3, arguments, object->class_id);
}

JSValue engine_new_error(JSContext* context, const char* name) {
    for (int i = 0; i < JS_NATIVE_ERROR_COUNT; ++i) {
        if (strcmp(name, native_error_name[i]) == 0) {
            return JS_NewObjectProtoClass(context, context->native_error_proto[i], JS_CLASS_ERROR);
        }
    }
    return JS_NewObjectClass(context, JS_CLASS_ERROR);
}

void engine_copy_stack(JSContext* context, JSValueConst from, JSValueConst to) {
    JSObject* const target = JS_VALUE_GET_OBJ(to);
    JS_FreeValue(context, target->u.object_data);
    target->u.object_data = JS_DupValue(context, JS_VALUE_GET_OBJ(from)->u.object_data);
}

JSValue engine_new_dom_exception(JSContext* context, JSValueConst message, JSValueConst name) {
    JSValueConst arguments[2] = {message, name};
    return js_domexception_constructor0(context, JS_UNDEFINED, 2, arguments, 0);
}

JSValue engine_new_collection(JSContext* context, bool is_set) {
    return js_map_constructor(context, JS_UNDEFINED, 0, NULL, is_set ? MAGIC_SET : 0);
}

uint32_t engine_size_of(JSValueConst collection) { return JS_VALUE_GET_OBJ(collection)->u.map_state->record_count; }

JSValue engine_entries_of(JSContext* context, JSValueConst collection) {
    const JSObject* const object = JS_VALUE_GET_OBJ(collection);
    const JSMapState* const state = object->u.map_state;
    const JSValue entries = JS_NewArray(context);
    if (JS_IsException(entries)) return JS_EXCEPTION;
    uint32_t count = 0;
    struct list_head* at;
    list_for_each(at, &state->records) {
        const JSMapRecord* const record = list_entry(at, JSMapRecord, link);
        if (record->empty) continue;
        if (JS_DefinePropertyValueUint32(context, entries, count++, JS_DupValue(context, record->key), JS_PROP_C_W_E) <
                0 ||
            (object->class_id == JS_CLASS_MAP &&
             JS_DefinePropertyValueUint32(context, entries, count++, JS_DupValue(context, record->value),
                                          JS_PROP_C_W_E) < 0)) {
            JS_FreeValue(context, entries);
            return JS_EXCEPTION;
        }
    }
    return entries;
}

bool engine_add_entry(JSContext* context, JSValueConst collection, JSValueConst key, JSValueConst value) {
    JSValueConst arguments[2] = {key, value};
    const bool is_set = JS_VALUE_GET_OBJ(collection)->class_id == JS_CLASS_SET;
    const JSValue done = js_map_set(context, collection, 2, arguments, is_set ? MAGIC_SET : 0);
    JS_FreeValue(context, done);
    return !JS_IsException(done);
}

size_t engine_base64_room(size_t size) { return (size + 2) / 3 * 4; }

size_t engine_base64_encode(const uint8_t* bytes, size_t size, char* out, bool url) {
    size_t written = b64_encode(bytes, size, out, url ? b64url_enc : b64_enc);
    while (url && written > 0 && out[written - 1] == '=') --written;
    return written;
}

bool engine_base64_decode(const char* text, size_t size, uint8_t* out, size_t* out_size, bool url) {
    size_t read = 0;
    int failed = 0;
    *out_size = from_base64(text, size, out, size, url ? b64_flags_url : b64_flags, B64_LAST_LOOSE, &read, &failed);
    return !failed;
}

#include "guest/quickjs/engine/value_access.c"
// Behind it, since it looks at strings.
#include "guest/quickjs/engine/call_names.c"
