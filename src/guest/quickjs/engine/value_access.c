// What it takes to write and read values fast, as part of quickjs_with_access.c: strings, numbers, members and items where the
// engine keeps them.

bool engine_string_chars(JSValueConst string, const uint8_t** narrow, const uint16_t** wide, size_t* size) {
    if (JS_VALUE_GET_TAG(string) != JS_TAG_STRING) return false;
    JSString* const text = JS_VALUE_GET_STRING(string);
    *size = text->len;
    *narrow = text->is_wide_char ? NULL : str8(text);
    *wide = text->is_wide_char ? str16(text) : NULL;
    return true;
}

bool engine_atom_chars(JSContext* context, JSAtom atom, const uint8_t** narrow, size_t* size) {
    if (__JS_AtomIsTaggedInt(atom)) return false;
    JSString* const text = context->rt->atom_array[atom];
    if (text->is_wide_char || text->atom_type != JS_ATOM_TYPE_STRING) return false;
    *size = text->len;
    *narrow = str8(text);
    return true;
}

const JSValue* engine_items_of(JSValueConst array, uint32_t* count) {
    const JSObject* const object = JS_VALUE_GET_OBJ(array);
    if (object->class_id != JS_CLASS_ARRAY || !object->fast_array) return NULL;
    *count = object->u.array.count;
    return object->u.array.u.values;
}

int64_t engine_count_members(JSContext* context, JSValueConst value) {
    const JSObject* const object = JS_VALUE_GET_OBJ(value);
    JSShape* const shape = object->shape;
    if (object->is_exotic || object->fast_array || !shape->is_hashed) return -1;
    int64_t count = 0;
    const JSShapeProperty* property = get_shape_prop(shape);
    for (int i = 0; i < shape->prop_count; ++i, ++property) {
        if (property->atom == JS_ATOM_NULL || !(property->flags & JS_PROP_ENUMERABLE)) continue;
        if ((property->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || __JS_AtomIsTaggedInt(property->atom)) return -1;
        if (context->rt->atom_array[property->atom]->atom_type == JS_ATOM_TYPE_STRING) ++count;
    }
    return count;
}

bool engine_each_member(JSContext* context, JSValueConst value, EngineVisitor visit, void* opaque) {
    JSObject* const object = JS_VALUE_GET_OBJ(value);
    JSShape* const shape = js_dup_shape(object->shape);  // a change of the object gives it another
    bool done = true;
    for (int i = 0; done && i < shape->prop_count; ++i) {
        const JSShapeProperty* const property = &get_shape_prop(shape)[i];
        if (property->atom == JS_ATOM_NULL || !(property->flags & JS_PROP_ENUMERABLE)) continue;
        if (context->rt->atom_array[property->atom]->atom_type != JS_ATOM_TYPE_STRING) continue;
        const JSValue member = object->shape == shape ? JS_DupValue(context, object->prop[i].u.value)
                                                      : JS_GetProperty(context, value, property->atom);
        done = !JS_IsException(member) && visit(opaque, property->atom, member);
        JS_FreeValue(context, member);
    }
    js_free_shape(context->rt, shape);
    return done;
}

size_t engine_bigint_size(JSValueConst number) {
    if (JS_VALUE_GET_TAG(number) == JS_TAG_SHORT_BIG_INT) return sizeof(js_limb_t);
    return ((const JSBigInt*)JS_VALUE_GET_PTR(number))->len * sizeof(js_limb_t);
}

bool engine_bigint_bytes(JSValueConst number, uint8_t* bytes) {
    JSBigIntBuf small;
    const JSBigInt* const big = JS_VALUE_GET_TAG(number) == JS_TAG_SHORT_BIG_INT
                                    ? js_bigint_set_short(&small, number)
                                    : (const JSBigInt*)JS_VALUE_GET_PTR(number);
    const bool negative = js_bigint_sign(big);
    for (uint32_t i = big->len; i-- > 0;) {
        const js_limb_t limb = negative ? ~big->tab[i] : big->tab[i];
        for (int shift = JS_LIMB_BITS - 8; shift >= 0; shift -= 8) *bytes++ = limb >> shift;
    }
    return negative;
}

JSValue engine_new_bigint(JSContext* context, const uint8_t* bytes, size_t size, bool negative) {
    if (size > JS_BIGINT_MAX_SIZE * sizeof(js_limb_t))
        return JS_ThrowRangeError(context, "BigInt is too large to allocate");
    const int length = size / sizeof(js_limb_t) + 1;  // with room for the sign
    JSBigInt* const big = js_bigint_new(context, length);
    if (!big) return JS_EXCEPTION;
    memset(big->tab, 0, length * sizeof(js_limb_t));
    for (size_t i = 0; i < size; ++i) {
        big->tab[i / sizeof(js_limb_t)] |= (js_limb_t)bytes[size - 1 - i] << 8 * (i % sizeof(js_limb_t));
    }
    for (int i = 0; negative && i < length; ++i) big->tab[i] = ~big->tab[i];
    return JS_CompactBigInt(context, js_bigint_normalize(context, big));
}

JSValue engine_new_regexp(JSContext* context, JSValueConst source, JSValueConst flags) {
    const JSValue code = js_compile_regexp(context, source, flags);
    if (JS_IsException(code)) return JS_EXCEPTION;
    return js_regexp_constructor_internal(context, JS_UNDEFINED, JS_DupValue(context, source), code);
}

JSValue engine_regexp_source(JSContext* context, JSValueConst regexp) {
    return JS_DupValue(context, JS_MKPTR(JS_TAG_STRING, JS_VALUE_GET_OBJ(regexp)->u.regexp.pattern));
}

size_t engine_regexp_flags(JSValueConst regexp, char* flags) {
    static const struct {
        int bit;
        char letter;
    } kFlags[] = {{LRE_FLAG_INDICES, 'd'},      {LRE_FLAG_GLOBAL, 'g'}, {LRE_FLAG_IGNORECASE, 'i'},
                  {LRE_FLAG_MULTILINE, 'm'},    {LRE_FLAG_DOTALL, 's'}, {LRE_FLAG_UNICODE, 'u'},
                  {LRE_FLAG_UNICODE_SETS, 'v'}, {LRE_FLAG_STICKY, 'y'}};
    const int bits = lre_get_flags(str8(JS_VALUE_GET_OBJ(regexp)->u.regexp.bytecode));
    size_t count = 0;
    for (size_t i = 0; i < sizeof(kFlags) / sizeof(kFlags[0]); ++i) {
        if (bits & kFlags[i].bit) flags[count++] = kFlags[i].letter;
    }
    return count;
}

int engine_view_kind(JSValueConst view) {
    switch (JS_VALUE_GET_OBJ(view)->class_id) {
        case JS_CLASS_UINT8C_ARRAY: return ENGINE_VIEW_UINT8_CLAMPED;
        case JS_CLASS_INT8_ARRAY: return ENGINE_VIEW_INT8;
        case JS_CLASS_INT16_ARRAY: return ENGINE_VIEW_INT16;
        case JS_CLASS_UINT16_ARRAY: return ENGINE_VIEW_UINT16;
        case JS_CLASS_INT32_ARRAY: return ENGINE_VIEW_INT32;
        case JS_CLASS_UINT32_ARRAY: return ENGINE_VIEW_UINT32;
        case JS_CLASS_BIG_INT64_ARRAY: return ENGINE_VIEW_BIGINT64;
        case JS_CLASS_BIG_UINT64_ARRAY: return ENGINE_VIEW_BIGUINT64;
        case JS_CLASS_FLOAT16_ARRAY: return ENGINE_VIEW_FLOAT16;
        case JS_CLASS_FLOAT32_ARRAY: return ENGINE_VIEW_FLOAT32;
        case JS_CLASS_FLOAT64_ARRAY: return ENGINE_VIEW_FLOAT64;
        default: return ENGINE_VIEW_UINT8;
    }
}

JSValue engine_new_view(JSContext* context, int kind, JSValueConst buffer) {
    static const int kClasses[] = {JS_CLASS_UINT8_ARRAY,   JS_CLASS_UINT8C_ARRAY,     JS_CLASS_INT8_ARRAY,
                                   JS_CLASS_UINT16_ARRAY,  JS_CLASS_INT16_ARRAY,      JS_CLASS_UINT32_ARRAY,
                                   JS_CLASS_INT32_ARRAY,   JS_CLASS_BIG_UINT64_ARRAY, JS_CLASS_BIG_INT64_ARRAY,
                                   JS_CLASS_FLOAT16_ARRAY, JS_CLASS_FLOAT32_ARRAY,    JS_CLASS_FLOAT64_ARRAY};
    JSValueConst arguments[3] = {buffer, js_uint32(0), JS_UNDEFINED};
    if (kind == ENGINE_VIEW_DATA) return js_dataview_constructor(context, JS_UNDEFINED, 1, arguments);
    return js_typed_array_constructor(context, JS_UNDEFINED, 3, arguments, kClasses[kind]);
}
