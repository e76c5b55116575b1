import type { Key, PrivateKey, PublicKey } from 'openpgp'

import { faults } from '../faults.ts'
import { loadOpenPgp } from './openpgp-library.ts'

const mostBytes = 10_000_000
const mostKeys = 2_000
const block = /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g

/**
 * The keys of a `.gpg` (binary) or `.asc` (armored, one or several blocks) file.
 * @throws secrets.pgpFileInvalid
 */
async function readKeyFile(content: Buffer): Promise<readonly Key[]> {
  if (content.length === 0) throw faults.pgpFileInvalid({ why: 'the file is empty' })
  if (content.length > mostBytes) throw faults.pgpFileInvalid({ why: 'the file is larger than 10 MB' })
  const openpgp = await loadOpenPgp()
  const keys: Key[] = []
  try {
    // The first octet of a binary packet has its highest bit set, which no letter of an armor has.
    if ((content[0] ?? 0) >= 0x80) keys.push(...(await openpgp.readKeys({ binaryKeys: content })))
    else
      for (const [armoredKeys] of content.toString('latin1').matchAll(block))
        keys.push(...(await openpgp.readKeys({ armoredKeys })))
  } catch (cause) {
    throw faults.pgpFileInvalid({ why: 'a key in it cannot be read' }, { cause })
  }
  if (keys.length === 0) throw faults.pgpFileInvalid({ why: 'there is no key in it' })
  if (keys.length > mostKeys) throw faults.pgpFileInvalid({ why: `there are more than ${mostKeys} keys in it` })
  return keys
}

/** @throws secrets.pgpFileInvalid, secrets.pgpKeyTypeInvalid */
export async function readPublicKeys(content: Buffer): Promise<readonly PublicKey[]> {
  const keys = await readKeyFile(content)
  if (keys.some((key) => key.isPrivate())) throw faults.pgpKeyTypeInvalid({ wanted: 'public' })
  return keys
}

/**
 * Secret keys, opened with the one passphrase of the file.
 * @throws secrets.pgpFileInvalid, secrets.pgpKeyTypeInvalid, secrets.pgpKeyUnprotected, secrets.pgpPassphraseInvalid
 */
export async function readSecretKeys(content: Buffer, passphrase: string): Promise<readonly PrivateKey[]> {
  const keys = await readKeyFile(content)
  if (!keys.every((key): key is PrivateKey => key.isPrivate())) throw faults.pgpKeyTypeInvalid({ wanted: 'secret' })
  const open = keys.filter((key) => key.getKeys().some(isUnprotected))
  if (open.length > 0)
    throw faults.pgpKeyUnprotected({ keyIds: open.map((key) => key.getKeyID().toHex().toUpperCase()) })
  const openpgp = await loadOpenPgp()
  const opened: PrivateKey[] = []
  for (const privateKey of keys) {
    try {
      opened.push(await openpgp.decryptKey({ privateKey, passphrase }))
    } catch (cause) {
      throw faults.pgpPassphraseInvalid({}, { cause })
    }
  }
  return opened
}

/** A part that was left out of an export, as of an offline primary key, is no unprotected one. */
function isUnprotected({ keyPacket }: ReturnType<PrivateKey['getKeys']>[number]): boolean {
  const packet = keyPacket as { readonly isDecrypted?: () => boolean | null; readonly isDummy?: () => boolean }
  return packet.isDummy?.() !== true && packet.isDecrypted?.() !== false
}
