// result: ["1970-01-01T00:00:00.000Z","Thu Jan 01 1970 00:00:00 GMT+0000",951782400000,29,0,"2024-02-29T12:00:00.000Z","Invalid Date",true,true,1709208000000]
function handler() {
    const leap = new Date(Date.UTC(2000, 1, 29));
    const now = Date.now();
    return [
        new Date(0).toISOString(),
        new Date(0).toString().replace(/ \(.*/, ""),
        leap.getTime(),
        leap.getDate(),
        new Date().getTimezoneOffset(),
        new Date("2024-02-29T12:00:00Z").toISOString(),
        String(new Date("nonsense")),
        now > 1.7e12 && now < 1e14,
        Math.abs(new Date().getTime() - now) < 60_000,
        new Date(2024, 1, 29, 12).getTime(),
    ];
}
