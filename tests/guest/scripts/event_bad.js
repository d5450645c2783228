// event: {"a":1,}
// error: the event is not JSON: Expected property name or '}' at byte 7 (line 1, column 8)
// flags: bad-event
// error@node: the event is not JSON: Expected double-quoted property name at byte 7 (line 1, column 8)
// event: {"a":tru}
// error: at byte 5 (line 1, column 6)
// flags: bad-event
// event: {"open":"
// error: the event is not JSON: Unexpected end of JSON input at byte 9 (line 1, column 10)
// flags: bad-event
// error@node: the event is not JSON: Unterminated string at byte 9 (line 1, column 10)
// event:
// error: the event is not JSON: Unexpected end of JSON input at byte 0 (line 1, column 1)
// flags: bad-event
// event: [1] trailing
// error: at byte 4 (line 1, column 5)
// flags: bad-event
// event: undefined
// error: the event is not JSON
// flags: bad-event
// event: 1
// result: 1
function handler(event) {
    return event;
}
