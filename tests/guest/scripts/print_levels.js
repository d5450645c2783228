// event: null
// printed: log a 1
// printed: info b
// printed: warn c
// printed: error d
// printed: debug e
// printed: print no newline
// printed: print 123
// printed: log
// result: 0
function handler() {
    console.log("a", 1);
    console.info("b");
    console.warn("c");
    console.error("d");
    console.debug("e");
    print("no newline");
    print(1, 2, 3);
    console.log();
    print("");
    return 0;
}
