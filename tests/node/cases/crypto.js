// node:crypto.
import crypto from 'node:crypto';
import { promisify } from 'node:util';
import { byDesign } from './support.js';

const key = Buffer.alloc(32, 1);
const iv = Buffer.alloc(16, 2);
const pem = (type) => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })[type];

export default [
  ...['md5', 'sha1', 'sha256', 'sha512', 'sha3-256', 'blake2b512', 'ripemd160', 'shake128'].map((name) => ({ run: Object.assign(() => crypto.createHash(name).update('a').update(Buffer.from('b')).digest('hex'), { toString: () => `hash ${name}` }) })),
  () => crypto.createHash('nonsense'), () => crypto.hash('sha1', 'abc'), () => { const h = crypto.createHash('sha256'); h.digest(); return h.update('x'); }, () => { const h = crypto.createHash('sha256').update('a'); return [h.copy().digest('base64url'), h.update('b').digest('latin1').length]; },
  () => crypto.createHash('shake256', { outputLength: 8 }).update('').digest('hex'), () => crypto.createHmac('sha256', 'k').update('d').digest('hex'), () => crypto.createHmac('sha256', 7), () => crypto.createHash('sha256').update(7),
  () => crypto.getHashes().length, () => crypto.getCiphers().length, () => crypto.getCurves().length, () => crypto.getCipherInfo('aes-256-gcm'),
  () => { const c = crypto.createCipheriv('aes-256-cbc', key, iv); return c.update('text', 'utf8', 'hex') + c.final('hex'); },
  () => { const c = crypto.createCipheriv('aes-256-gcm', key, iv); c.setAAD(Buffer.from('a')); const out = c.update('x', 'utf8', 'hex') + c.final('hex'); return [out, c.getAuthTag().toString('hex')]; },
  () => { const d = crypto.createDecipheriv('aes-256-gcm', key, iv); d.setAuthTag(Buffer.alloc(16)); d.update('ab', 'hex'); return d.final(); }, () => { const c = crypto.createCipheriv('chacha20-poly1305', key, iv.subarray(0, 12), { authTagLength: 16 }); return c.update('x', 'utf8', 'hex'); },
  () => crypto.createCipheriv('aes-256-cbc', key.subarray(1), iv), () => crypto.createCipheriv('nonsense', key, iv), () => { const d = crypto.createDecipheriv('aes-256-cbc', key, iv); return d.update('00', 'hex') + d.final(); },
  () => crypto.pbkdf2Sync('p', 's', 10, 16, 'sha256').toString('hex'), () => promisify(crypto.pbkdf2)('p', 's', 10, 16, 'sha512').then((b) => b.toString('hex')), () => crypto.scryptSync('p', 's', 16, { N: 16 }).toString('hex'), () => promisify(crypto.scrypt)('p', 's', 8).then((b) => b.length),
  () => crypto.scryptSync('p', 's', 16, { N: 15 }), () => Buffer.from(crypto.hkdfSync('sha256', 'k', 's', 'i', 8)).toString('hex'), () => crypto.pbkdf2Sync('p', 's', 10, 16, 'none'),
  () => crypto.randomBytes(8).length, () => promisify(crypto.randomBytes)(4).then((b) => b.length), () => crypto.randomFillSync(Buffer.alloc(3)).length, () => crypto.randomInt(5) < 5, () => crypto.randomInt(0), () => /^[0-9a-f-]{36}$/.test(crypto.randomUUID({ disableEntropyCache: true })), () => crypto.randomUUID(7),
  byDesign('random', () => crypto.randomBytes(8).toString('hex')), byDesign('random', () => crypto.randomUUID()), byDesign('random', () => Math.random()),
  () => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), () => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')), () => crypto.timingSafeEqual('a', 'a'),
  () => { const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519'); const s = crypto.sign(null, Buffer.from('m'), privateKey); return [s.length, crypto.verify(null, Buffer.from('m'), publicKey, s), publicKey.asymmetricKeyType]; },
  () => { const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }); const c = crypto.publicEncrypt(publicKey, Buffer.from('m')); return [c.length, crypto.privateDecrypt(privateKey, c).toString(), publicKey.asymmetricKeyDetails]; },
  () => promisify(crypto.generateKeyPair)('x25519').then(({ publicKey }) => publicKey.export({ format: 'jwk' }).crv), () => pem('publicKey').split('\n')[0], () => { const s = crypto.createSign('SHA256').update('m').sign(pem('privateKey')); return s.length > 60; },
  () => { const a = crypto.createECDH('secp256k1'), b = crypto.createECDH('secp256k1'); a.generateKeys(); b.generateKeys(); return a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())); },
  () => { const a = crypto.getDiffieHellman('modp14'); a.generateKeys(); return a.getPublicKey().length > 200; }, () => { const a = crypto.generateKeyPairSync('x25519'), b = crypto.generateKeyPairSync('x25519'); return crypto.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).length; },
  () => crypto.createSecretKey(key).export({ format: 'jwk' }), () => crypto.generateKeySync('aes', { length: 128 }).symmetricKeySize, () => crypto.createPrivateKey('nonsense'), () => crypto.checkPrimeSync(97n), () => crypto.generatePrimeSync(16).byteLength,
  () => new crypto.X509Certificate('nonsense'), () => crypto.webcrypto === globalThis.crypto, () => crypto.constants.RSA_PKCS1_PADDING, () => crypto.getFips(), () => Object.keys(crypto).length > 90,
  () => new Promise((done) => { const h = crypto.createHash('sha256'); h.on('readable', () => { const d = h.read(); if (d) done(d.toString('hex')); }); h.write('a'); h.end(); }),
  () => crypto.argon2Sync === undefined || crypto.argon2Sync('argon2id', { message: 'p', nonce: Buffer.alloc(16), parallelism: 1, tagLength: 16, memory: 64, passes: 1 }).toString('hex'),
];
