// printed: print from io
// printed: log {"x":1}
// result: [true,true,true,true,true,true,["default","flush","print"],["debug","default","error","info","log","warn"],["Hmac","createHmac","default","getRandomValues","randomUUID","timingSafeEqual"]]
import { print as write, flush } from "io";
import * as io from "io";
import output, { log, error } from "console";
import * as consoleModule from "console";
import hashes, { createHmac, Hmac, getRandomValues, randomUUID } from "crypto";
import * as cryptoModule from "crypto";

write("from", " io");
flush();
log('{"x":1}');
export async function handler() {
    return [
        write === print && io.default.print === print,
        flush() === undefined,
        output === console && log === console.log && error === console.error,
        hashes === crypto && createHmac === crypto.createHmac && Hmac === crypto.Hmac,
        getRandomValues === crypto.getRandomValues && randomUUID === crypto.randomUUID,
        (await import("crypto")) === cryptoModule,
        Object.keys(io),
        Object.keys(consoleModule),
        Object.keys(cryptoModule),
    ];
}
