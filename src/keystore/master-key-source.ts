import { spawn } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'

import { faults } from './faults.ts'
import { masterKeysOf } from './key-ring.ts'
import { createKeyFile, keyOf, openMasterKey, readKeyFile, removeDrafts, syncFolder } from './master-key.ts'
import { keyId } from './seal.ts'

/** Where the master key comes from. */
export interface MasterKeySource {
  /** @throws keystore.masterKeyMissing, masterKeyUnreadable, masterKeyCommandFailed */
  readonly read: () => Promise<Buffer>
  /**
   * The key for a start, given the rings that are sealed. A file is made when there is none yet and nothing is sealed,
   * and a rotation of a file that was cut off after the rings were sealed anew is ended.
   */
  readonly open: (rings: readonly string[]) => Promise<Buffer>
}

/** A master key in a file, beside which its successor is written as `<file>.next` before anything is sealed under it. */
export interface MasterKeyFile extends MasterKeySource {
  /** The successor; drawn and written where there is none. @throws keystore.masterKeyUnreadable */
  readonly prepareNext: () => Promise<Buffer>
  /** Puts the successor in the place of the key. Another process may have done so already. */
  readonly installNext: () => Promise<void>
}

const commandSeconds = 30

/** The master key in a file (32 bytes in base64, mode 0600). */
export function masterKeyFile(file: string): MasterKeyFile {
  const next = `${file}.next`
  async function installNext(): Promise<void> {
    await removeDrafts(next)
    try {
      await rename(next, file)
      await syncFolder(dirname(file))
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code !== 'ENOENT')
        throw faults.masterKeyUnreadable(
          { file, why: `putting the next key in its place failed with ${code}` },
          { cause },
        )
    }
  }
  return {
    async read() {
      const key = await readKeyFile(file)
      if (key === undefined) throw faults.masterKeyMissing({ file })
      return key
    },
    async prepareNext() {
      const present = await readKeyFile(next)
      if (present !== undefined) return present
      await createKeyFile(next)
      const created = await readKeyFile(next)
      if (created === undefined) throw faults.masterKeyUnreadable({ file: next, why: 'it vanished' })
      return created
    },
    installNext,
    async open(rings) {
      if (rings.length === 0) return openMasterKey({ file, tenantsExist: false })
      const key = await readKeyFile(file)
      if (key !== undefined && sealedAll(key, rings)) return openMasterKey({ file, tenantsExist: true })
      const successor = await readKeyFile(next)
      if (successor !== undefined && sealedAll(successor, rings)) {
        await installNext()
        return successor
      }
      if (key === undefined) throw faults.masterKeyMissing({ file })
      // Whoever opens a ring with it says that it is the wrong one.
      return key
    },
  }
}

const sealedAll = (key: Buffer, rings: readonly string[]): boolean =>
  rings.every((ring) => masterKeysOf(ring).every((name) => name === keyId(key)))

/**
 * The master key as a command prints it (32 bytes in base64), such as one that asks a key management service. The
 * command runs in the shell of the system; nothing that it prints is logged or kept.
 */
export function masterKeyCommand(command: string, seconds = commandSeconds): MasterKeySource {
  async function read(): Promise<Buffer> {
    const key = keyOf(await outputOf(command, seconds))
    if (key === undefined) throw faults.masterKeyCommandFailed({ why: 'it did not print 32 bytes in base64' })
    return key
  }
  return { read, open: read }
}

function outputOf(command: string, seconds: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const windows = process.platform === 'win32'
  // A group of its own, so that what the shell started ends with it.
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: !windows,
    windowsHide: true,
  })
  let text = ''
  function refuse(why: string): void {
    clearTimeout(limit)
    try {
      if (windows || child.pid === undefined) child.kill('SIGKILL')
      else process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
    child.stdout.destroy()
    reject(faults.masterKeyCommandFailed({ why }))
  }
  const limit = setTimeout(() => refuse(`it took more than ${seconds} seconds`), seconds * 1000)
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    if (text.length > 1_000) refuse('it printed more than a key')
  })
  child.once('error', (error: NodeJS.ErrnoException) => refuse(`it could not be started (${error.code})`))
  child.once('close', (code, signal) => {
    if (code !== 0) return refuse(`it ended with ${signal ?? `exit code ${code}`}`)
    clearTimeout(limit)
    resolve(text)
  })
  return promise
}
