// result: ["+275760-09-13T00:00:00.000Z","Sat Sep 13 275760 00:00:00 GMT+0000","Invalid Date","-271821-04-20T00:00:00.000Z"]
function handler() {
    return [
        new Date(8640000000000000).toISOString(),
        new Date(8640000000000000).toString().replace(/ \(.*/, ""),
        String(new Date(8640000000000001)),
        new Date(-8640000000000000).toISOString(),
    ];
}
