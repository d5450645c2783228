// event: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJab8OrIn0.UuXZx35tupp7kCkeWWiFaqI2bBvhLJfwcA2b-6MjWo8"
// result: {"sub":"Zoë"}
// event: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJab8OrIn0.UuXZx35tupp7kCkeWWiFaqI2bBvhLJfwcA2b-6MjWoA"
// error: Error: the signature is wrong
function handler(token) {
    const [header, payload, signature] = token.split(".");
    const expected = crypto.createHmac("sha256", "secret").update(header + "." + payload).digest("base64url");
    if (!crypto.timingSafeEqual(signature, expected)) throw new Error("the signature is wrong");
    return JSON.parse(String.bytesFrom(payload, "base64url"));
}
