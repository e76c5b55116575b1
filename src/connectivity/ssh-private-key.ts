import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'

import { faults } from './faults.ts'

/** A private key in a form that the SSH client reads: PKCS#1, SEC 1, or that of OpenSSH. @throws connectivity.keyUnfit */
export function sshPrivateKey(alias: string, key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ format: 'pem', type: 'pkcs1' }).toString()
    case 'ec':
      return key.export({ format: 'pem', type: 'sec1' }).toString()
    case 'ed25519':
      return openSsh(key)
    default:
      throw faults.keyUnfit({ alias, why: `SSH knows no keys of the type ${key.asymmetricKeyType}` })
  }
}

function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The unencrypted form of PROTOCOL.key in OpenSSH, for Ed25519. */
function openSsh(key: KeyObject): string {
  const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const open = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url')
  const type = text('ssh-ed25519')
  const check = randomBytes(4)
  const inner = Buffer.concat([check, check, type, text(open), text(Buffer.concat([secret, open])), text('')])
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1))
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    Buffer.from([0, 0, 0, 1]),
    text(Buffer.concat([type, text(open)])),
    text(Buffer.concat([inner, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}
