// Programs: text that awaits and returns at its top level, and whose value is that of its last expression. Included behind
// quickjs.c by quickjs_with_access.c.
//
// The engine's own asynchronous evaluation gives an object { value }, which is how a value that is a promise stays apart
// from the promise of the evaluation. A return gives the same.
#ifndef CURFEW_GUEST_ENGINE_PROGRAMS_H
#define CURFEW_GUEST_ENGINE_PROGRAMS_H

static int engine_parse_return(JSParseState* parser) {
    JSFunctionDef* const function = parser->cur_func;
    if (parser->is_module || function->func_kind != JS_FUNC_ASYNC || function->eval_ret_idx < 0) {
        return js_parse_error(parser, "return not in a function");
    }
    if (next_token(parser)) return -1;
    if (parser->token.val != ';' && parser->token.val != '}' && parser->token.val != TOK_EOF && !parser->got_lf) {
        if (js_parse_expr(parser)) return -1;
    } else {
        emit_op(parser, OP_undefined);
    }
    emit_op(parser, OP_put_loc);
    emit_u16(parser, function->eval_ret_idx);
    emit_op(parser, OP_object);
    emit_op(parser, OP_dup);
    emit_op(parser, OP_get_loc);
    emit_u16(parser, function->eval_ret_idx);
    emit_op(parser, OP_put_field);
    emit_atom(parser, JS_ATOM_value);
    emit_return(parser, true);
    return js_parse_expect_semi(parser);
}

JSValue engine_compile_program(JSContext* context, const char* source, size_t size, const char* file,
                               bool keeps_names) {
    const int names = keeps_names ? JS_EVAL_TYPE_GLOBAL : JS_EVAL_TYPE_INDIRECT;
    return JS_EvalInternal(context, context->global_obj, source, size, file, 0,
                           names | JS_EVAL_FLAG_STRICT | JS_EVAL_FLAG_ASYNC | JS_EVAL_FLAG_COMPILE_ONLY, -1);
}

// What the compiler puts at the beginning of a program for each name that it declares at its top level.
void engine_allow_names_again(JSContext* context, JSValueConst program) {
    const JSFunctionBytecode* const code = JS_VALUE_GET_PTR(program);
    for (int at = 0; at < code->byte_code_len;) {
        uint8_t* const instruction = code->byte_code_buf + at;
        at += short_opcode_info(instruction[0]).size;
        switch (instruction[0]) {
            case OP_check_define_var: {
                JSProperty* property;
                JSObject* const names = JS_VALUE_GET_OBJ(context->global_var_obj);
                const JSAtom name = get_u32(instruction + 1);
                if (find_own_property(&property, names, name)) delete_property(context, names, name);
                break;
            }
            case OP_define_var:
                if ((instruction[5] & DEFINE_GLOBAL_LEX_VAR) == 0) instruction[5] |= JS_PROP_CONFIGURABLE;
                break;
            case OP_define_func: instruction[5] |= JS_PROP_CONFIGURABLE; break;
            default: break;
        }
    }
}

#endif
