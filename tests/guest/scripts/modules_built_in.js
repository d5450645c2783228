// printed: print from io
// printed: log {"x":1}
// result: [false,true,false,false,true,true,["default","flush","print"],["assert","clear","count","countReset","debug","default","dir","dirxml","error","group","groupCollapsed","groupEnd","info","log","table","time","timeEnd","timeLog","trace","warn"],["Hash","Hmac","KeyObject","constants","createCipheriv","createDecipheriv","createDiffieHellman","createECDH","createHash","createHmac","createPrivateKey","createPublicKey","createSecretKey","createSign","createVerify","default","generateKey","generateKeyPair","generateKeyPairSync","generateKeySync","getCiphers","getCurves","getHashes","getRandomValues","hash","hkdf","hkdfSync","pbkdf2","pbkdf2Sync","privateDecrypt","privateEncrypt","pseudoRandomBytes","publicDecrypt","publicEncrypt","randomBytes","randomFill","randomFillSync","randomInt","randomUUID","scrypt","scryptSync","sign","timingSafeEqual","verify","webcrypto"]]
// result@node: [false,true,false,false,false,true,["default","flush","print"],["Console","assert","clear","context","count","countReset","createTask","debug","default","dir","dirxml","error","group","groupCollapsed","groupEnd","info","log","profile","profileEnd","table","time","timeEnd","timeLog","timeStamp","trace","warn"],["Certificate","Cipheriv","Decipheriv","DiffieHellman","DiffieHellmanGroup","ECDH","Hash","Hmac","KeyObject","Sign","Verify","X509Certificate","argon2","argon2Sync","checkPrime","checkPrimeSync","constants","createCipheriv","createDecipheriv","createDiffieHellman","createDiffieHellmanGroup","createECDH","createHash","createHmac","createPrivateKey","createPublicKey","createSecretKey","createSign","createVerify","decapsulate","default","diffieHellman","encapsulate","generateKey","generateKeyPair","generateKeyPairSync","generateKeySync","generatePrime","generatePrimeSync","getCipherInfo","getCiphers","getCurves","getDiffieHellman","getFips","getHashes","getRandomValues","hash","hkdf","hkdfSync","pbkdf2","pbkdf2Sync","privateDecrypt","privateEncrypt","publicDecrypt","publicEncrypt","randomBytes","randomFill","randomFillSync","randomInt","randomUUID","randomUUIDv7","scrypt","scryptSync","secureHeapUsed","setEngine","setFips","sign","subtle","timingSafeEqual","verify","webcrypto"]]
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
