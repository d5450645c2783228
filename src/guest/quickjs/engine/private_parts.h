// What quickjs_with_access.c relies on in QuickJS-NG beyond its public interface, checked by the compiler: the structures
// that it looks into, the order of states, and the functions that it calls. The engine is compiled without warnings, so
// without this a function with other parameters could go unnoticed.
//
// Another version of the engine than the tested one that passes is the same in all of this. One that does not has to be
// looked at: what has changed here may have changed in meaning. Included behind quickjs.c.
#ifndef CURFEW_GUEST_ENGINE_PRIVATE_PARTS_H
#define CURFEW_GUEST_ENGINE_PRIVATE_PARTS_H

#include <stddef.h>

#define DIFFERENT(what) \
    what " is not what it is in QuickJS-NG " CURFEW_QUICKJS_TESTED_VERSION ", the version that Curfew wants"

#define HAS_TYPE(expression, ...) __builtin_types_compatible_p(__typeof__(expression), __VA_ARGS__)

// A structure that is looked into is the same in whole: of its size, and with this member, of this type, in this place.
#define STRUCTURE(structure, bytes) _Static_assert(sizeof(structure) == (bytes), DIFFERENT(#structure))
#define MEMBER(structure, member, place, ...)                                                                \
    _Static_assert(HAS_TYPE(((structure*)0)->member, __VA_ARGS__) && offsetof(structure, member) == (place), \
                   DIFFERENT(#structure "." #member))

// The engine's and a context's state hold everything; a member of theirs only has to be there, with this type.
#define MEMBER_ANYWHERE(structure, member, ...) \
    _Static_assert(HAS_TYPE(((structure*)0)->member, __VA_ARGS__), DIFFERENT(#structure "." #member))

#define FUNCTION(function, result, ...) \
    _Static_assert(HAS_TYPE(function, result(__VA_ARGS__)), DIFFERENT(#function "()"))
#define RULE(what, ...) _Static_assert(__VA_ARGS__, DIFFERENT(what))

// --- The engine and its contexts ---
STRUCTURE(JSMallocState, 32);
MEMBER(JSMallocState, malloc_size, 8, size_t);
MEMBER_ANYWHERE(JSRuntime, malloc_state, JSMallocState);
MEMBER_ANYWHERE(JSRuntime, in_out_of_memory, bool);
MEMBER_ANYWHERE(JSRuntime, in_build_stack_trace, bool);
MEMBER_ANYWHERE(JSRuntime, malloc_gc_threshold, size_t);
MEMBER_ANYWHERE(JSRuntime, current_exception, JSValue);
MEMBER_ANYWHERE(JSRuntime, current_stack_frame, struct JSStackFrame*);
MEMBER_ANYWHERE(JSRuntime, stack_limit, uintptr_t);
MEMBER_ANYWHERE(JSContext, interrupt_counter, int);
FUNCTION(__JS_EvalInternal, JSValue, JSContext*, JSValueConst, const char*, size_t, const char*, int, int, int);
MEMBER_ANYWHERE(JSContext, rt, JSRuntime*);
MEMBER_ANYWHERE(JSContext, native_error_proto, JSValue[JS_NATIVE_ERROR_COUNT]);
MEMBER_ANYWHERE(JSContext, loaded_modules, struct list_head);
FUNCTION(lre_realloc, void*, void*, void*, size_t);
FUNCTION(find_own_property, JSShapeProperty*, JSProperty**, JSObject*, JSAtom);
FUNCTION(js_check_stack_overflow, bool, JSRuntime*, size_t);
FUNCTION(JS_ThrowStackOverflow, JSValue, JSContext*);

// --- Programs ---
MEMBER_ANYWHERE(JSContext, global_obj, JSValue);
MEMBER_ANYWHERE(JSContext, global_var_obj, JSValue);
MEMBER_ANYWHERE(JSParseState, is_module, bool);
MEMBER_ANYWHERE(JSFunctionDef, eval_ret_idx, int);
MEMBER_ANYWHERE(JSFunctionBytecode, byte_code_buf, uint8_t*);
MEMBER_ANYWHERE(JSFunctionBytecode, byte_code_len, int);
FUNCTION(JS_EvalInternal, JSValue, JSContext*, JSValueConst, const char*, size_t, const char*, int, int, int);
FUNCTION(js_parse_expr, int, JSParseState*);
FUNCTION(js_parse_expect_semi, int, JSParseState*);
FUNCTION(emit_return, void, JSParseState*, bool);
FUNCTION(delete_property, int, JSContext*, JSObject*, JSAtom);
RULE("DEFINE_GLOBAL_LEX_VAR", DEFINE_GLOBAL_LEX_VAR == 1 << 7);

// --- Objects ---
STRUCTURE(JSObject, 72);
MEMBER(JSObject, class_id, 18, uint16_t);
MEMBER(JSObject, u.array_buffer, 48, JSArrayBuffer*);
MEMBER(JSObject, u.typed_array, 48, JSTypedArray*);
MEMBER(JSObject, u.map_state, 48, JSMapState*);
MEMBER(JSObject, u.regexp, 48, JSRegExp);
MEMBER(JSObject, u.object_data, 48, JSValue);
MEMBER(JSObject, u.array.count, 64, uint32_t);
FUNCTION(JS_NewObjectProtoClass, JSValue, JSContext*, JSValueConst, JSClassID);
FUNCTION(js_uint32, JSValue, uint32_t);

// --- Bytes ---
STRUCTURE(JSArrayBuffer, 56);
MEMBER(JSArrayBuffer, byte_length, 0, int);
MEMBER(JSArrayBuffer, max_byte_length, 4, int);
MEMBER(JSArrayBuffer, detached, 8, uint8_t);
MEMBER(JSArrayBuffer, immutable, 9, uint8_t);
MEMBER(JSArrayBuffer, data, 16, uint8_t*);
STRUCTURE(JSTypedArray, 48);
MEMBER(JSTypedArray, buffer, 24, JSObject*);
MEMBER(JSTypedArray, offset, 32, uint32_t);
MEMBER(JSTypedArray, length, 36, uint32_t);
MEMBER(JSTypedArray, track_rab, 40, bool);
FUNCTION(is_typed_array, bool, JSClassID);
FUNCTION(typed_array_is_oob, bool, JSObject*);
FUNCTION(dataview_is_oob, bool, JSObject*);
FUNCTION(JS_ThrowTypeErrorDetachedArrayBuffer, JSValue, JSContext*);
FUNCTION(JS_ThrowTypeErrorArrayBufferOOB, JSValue, JSContext*);
FUNCTION(JS_ThrowTypeErrorImmutableArrayBuffer, JSValue, JSContext*);
FUNCTION(js_array_buffer_constructor3, JSValue, JSContext*, JSValueConst, uint64_t, uint64_t*, JSClassID, uint8_t*,
         JSReallocArrayBufferDataFunc*, void*, bool);
FUNCTION(js_array_buffer_realloc, void*, JSRuntime*, void*, void*, size_t);
FUNCTION(js_dataview_constructor, JSValue, JSContext*, JSValueConst, int, JSValueConst*);
FUNCTION(js_typed_array_constructor, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
RULE("typed_array_size_log2", HAS_TYPE(typed_array_size_log2(JS_CLASS_UINT8C_ARRAY), uint8_t const));
FUNCTION(b64_encode, size_t, const uint8_t*, size_t, char*, const unsigned char*);
FUNCTION(from_base64, size_t, const char*, size_t, uint8_t*, size_t, const char*, int, size_t*, int*);
RULE("B64_LAST_LOOSE", B64_LAST_LOOSE == 0);
RULE("b64_enc", HAS_TYPE(b64_enc, const unsigned char[64]) && HAS_TYPE(b64url_enc, const unsigned char[64]));
RULE("b64_flags", HAS_TYPE(b64_flags, const char[256]) && HAS_TYPE(b64_flags_url, const char[256]));

// --- Other kinds of objects ---
STRUCTURE(JSRegExp, 16);
MEMBER(JSRegExp, pattern, 0, JSString*);
MEMBER(JSRegExp, bytecode, 8, JSString*);
FUNCTION(js_regexp_constructor_internal, JSValue, JSContext*, JSValueConst, JSValue, JSValue);
STRUCTURE(JSMapState, 48);
MEMBER(JSMapState, records, 8, struct list_head);
MEMBER(JSMapState, record_count, 24, uint32_t);
STRUCTURE(JSMapRecord, 80);
MEMBER(JSMapRecord, empty, 4, bool);
MEMBER(JSMapRecord, link, 16, struct list_head);
MEMBER(JSMapRecord, key, 48, JSValue);
MEMBER(JSMapRecord, value, 64, JSValue);
FUNCTION(js_map_constructor, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_map_set, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
RULE("MAGIC_SET", MAGIC_SET == 1 && JS_CLASS_SET == JS_CLASS_MAP + MAGIC_SET);
RULE("native_error_name", HAS_TYPE(native_error_name, const char* const[JS_NATIVE_ERROR_COUNT]));
FUNCTION(js_domexception_constructor0, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);

// --- Properties whose value is made when it is asked for ---
FUNCTION(JS_DefineAutoInitProperty, int, JSContext*, JSValueConst, JSAtom, JSAutoInitIDEnum, void*, int);
FUNCTION(js_bytecode_autoinit_of_engine, JSValue, JSContext*, JSObject*, JSAtom, void*);
RULE("JS_BUILTIN_ITERATOR_ZIP_KEYED", JS_BUILTIN_ARRAY_FROMASYNC == 1 && JS_BUILTIN_ITERATOR_ZIP_KEYED == 3);
MEMBER_ANYWHERE(JSContext, class_proto, JSValue*);
FUNCTION(js_class_has_bytecode, bool, JSClassID);

// --- Functions that know languages ---
FUNCTION(get_date_string_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_number_toString_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_array_join_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_typed_array_join_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_object_toLocaleString_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*);
FUNCTION(js_string_localeCompare_of_engine, JSValue, JSContext*, JSValueConst, int, JSValueConst*);
FUNCTION(js_string_toLowerCase, JSValue, JSContext*, JSValueConst, int, JSValueConst*, int);
FUNCTION(js_thisNumberValue, JSValue, JSContext*, JSValueConst);

// --- Strings, members and numbers ---
STRUCTURE(JSString, 40);
RULE("str8()", HAS_TYPE(str8, uint8_t*(JSString*)) && HAS_TYPE(str16, uint16_t*(JSString*)));
RULE("JS_ATOM_TYPE_STRING", JS_ATOM_TYPE_STRING == 1);
MEMBER_ANYWHERE(JSRuntime, atom_array, JSAtomStruct**);
FUNCTION(__JS_AtomIsTaggedInt, bool, JSAtom);
STRUCTURE(JSShape, 56);
MEMBER(JSShape, is_hashed, 16, uint8_t);
MEMBER(JSShape, prop_count, 32, int);
STRUCTURE(JSShapeProperty, 8);
STRUCTURE(JSProperty, 16);
FUNCTION(get_shape_prop, JSShapeProperty*, JSShape*);
FUNCTION(js_dup_shape, JSShape*, JSShape*);
FUNCTION(js_free_shape, void, JSRuntime*, JSShape*);
MEMBER(JSObject, shape, 24, JSShape*);
MEMBER(JSObject, prop, 32, JSProperty*);
MEMBER(JSObject, u.array.u.values, 56, JSValue*);
STRUCTURE(JSBigInt, 4);
RULE("js_limb_t", JS_LIMB_BITS == 32 && sizeof(js_limb_t) == 4);
FUNCTION(js_bigint_new, JSBigInt*, JSContext*, int);
FUNCTION(js_bigint_set_short, JSBigInt*, JSBigIntBuf*, JSValueConst);
FUNCTION(js_bigint_normalize, JSBigInt*, JSContext*, JSBigInt*);
FUNCTION(JS_CompactBigInt, JSValue, JSContext*, JSBigInt*);
FUNCTION(js_compile_regexp, JSValue, JSContext*, JSValueConst, JSValueConst);

// --- Where code stands ---
MEMBER(JSStackFrame, cur_func, 8, JSValue);
MEMBER(JSStackFrame, cur_pc, 48, uint8_t*);
MEMBER(JSObject, u.func.function_bytecode, 48, struct JSFunctionBytecode*);
MEMBER_ANYWHERE(JSFunctionBytecode, byte_code_buf, uint8_t*);
MEMBER_ANYWHERE(JSFunctionBytecode, source, char*);
MEMBER_ANYWHERE(JSFunctionBytecode, source_len, int);
MEMBER_ANYWHERE(JSFunctionBytecode, line_num, int);
MEMBER_ANYWHERE(JSFunctionBytecode, col_num, int);
FUNCTION(find_line_num, int, JSContext*, JSFunctionBytecode*, uint32_t, int*);

// --- Modules ---
STRUCTURE(JSReqModuleEntry, 32);
MEMBER(JSReqModuleEntry, module, 8, JSModuleDef*);
STRUCTURE(JSModuleDef, 312);
MEMBER(JSModuleDef, link, 8, struct list_head);
MEMBER(JSModuleDef, req_module_entries, 24, JSReqModuleEntry*);
MEMBER(JSModuleDef, req_module_entries_count, 32, int);
MEMBER(JSModuleDef, resolved, 145, bool);
MEMBER(JSModuleDef, async_evaluation, 188, bool);
MEMBER(JSModuleDef, cycle_root, 200, JSModuleDef*);
MEMBER(JSModuleDef, promise, 208, JSValue);
MEMBER(JSModuleDef, resolving_funcs, 224, JSValue[2]);
RULE("JSModuleStatus", JS_MODULE_STATUS_UNLINKED == 0 && JS_MODULE_STATUS_LINKING == 1 &&
                           JS_MODULE_STATUS_LINKED == 2 && JS_MODULE_STATUS_EVALUATING == 3 &&
                           JS_MODULE_STATUS_EVALUATING_ASYNC == 4 && JS_MODULE_STATUS_EVALUATED == 5);
FUNCTION(js_host_resolve_imported_module, JSModuleDef*, JSContext*, const char*, const char*, JSValueConst);
FUNCTION(js_resolve_module, int, JSContext*, JSModuleDef*);
FUNCTION(js_free_module_def, void, JSContext*, JSModuleDef*);
FUNCTION(JS_NewModuleValue, JSValue, JSContext*, JSModuleDef*);

#undef DIFFERENT
#undef HAS_TYPE
#undef STRUCTURE
#undef MEMBER
#undef MEMBER_ANYWHERE
#undef FUNCTION
#undef RULE

#endif
