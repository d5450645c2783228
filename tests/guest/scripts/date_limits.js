// result: ["+275760-09-13T00:00:00.000Z","Sat Sep 13 275760 00:00:00 GMT+0000","Invalid Date","-271821-04-20T00:00:00.000Z","Tue Apr 20 -271821 00:00:00 GMT+0000","Invalid Date","RangeError","RangeError",[null,null],8640000000000000,-8640000000000000,null,"Invalid Date",[275760,8,13,6,0],[-271821,3,20,2,0],"Fri Dec 31 -0001 23:59:59 GMT+0000","-000001-12-31T23:59:59.999Z","Sat Jan 01 0000 00:00:00 GMT+0000","0000-01-01T00:00:00.000Z","Fri Dec 31 1999 23:59:59 GMT+0000",8640000000000000,null,"Sat, 13 Sep 275760 00:00:00 GMT",8640000000000000]
function handler() {
    const last = 8640000000000000;
    const text = (time) => new Date(time).toString().replace(/ \(.*/, "");
    const name = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return e.name;
        }
    };
    const parts = (time) => {
        const date = new Date(time);
        return [date.getUTCFullYear(), date.getMonth(), date.getDate(), date.getDay(), date.getTimezoneOffset()];
    };
    return [
        new Date(last).toISOString(),
        text(last),
        String(new Date(last + 1)),
        new Date(-last).toISOString(),
        text(-last),
        String(new Date(-last - 1)),
        name(() => new Date(last + 1).toISOString()),
        name(() => new Date(-last - 1).toISOString()),
        [new Date(last + 1), new Date(NaN)], // as JSON
        Date.parse("+275760-09-13T00:00:00.000Z"),
        Date.parse("-271821-04-20T00:00:00.000Z"),
        Date.parse("+275760-09-13T00:00:00.001Z"), // NaN, which is null in JSON
        String(new Date(275760, 8, 13, 0, 0, 0, 1)),
        parts(last),
        parts(-last),
        text(-62167219200001),
        new Date(-62167219200001).toISOString(),
        text(-62167219200000),
        new Date(-62167219200000).toISOString(),
        text(946684799999),
        Date.UTC(275760, 8, 13),
        Date.UTC(275760, 8, 13, 0, 0, 0, 1),
        new Date(last).toUTCString(),
        new Date(last - 1).setMilliseconds(1000) || new Date(last).getTime(),
    ];
}
