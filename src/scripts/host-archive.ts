import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { HostClasses } from './host-jar.ts'
import { encodeFrame, createFrameReader } from './frames.ts'
import { digestOf, isWhole } from './host-jar.ts'
import type { Java } from './java.ts'
import { javaFlags } from './java-flags.ts'

/** Milliseconds that making one may take. */
const limit = 120_000

/** Script that shows the Java runtime which classes a host loads until its first script is compiled. */
const sample = `import com.sap.gateway.ip.core.customdev.util.Message
def Message processData(Message message) {
  def map = [a: 1].collect { key, value -> "\${key}=\${value}" }
  message.setBody(message.getBody(String) + map.join(','))
  return message
}`

/**
 * Where the archive of this Java runtime for these classes is (class data sharing): with it a host starts in about
 * half the time. Java itself refuses one that was made of other jars or by another runtime.
 */
export async function archiveOf(java: Java, { jar }: Pick<HostClasses, 'jar'>): Promise<string> {
  const program = await realpath(java.path)
  const { mtimeMs, size } = await stat(program)
  const { mtimeMs: jarMade } = await stat(jar)
  const runtime = createHash('sha256').update(`${program}\0${mtimeMs}\0${size}\0${jarMade}`).digest('hex').slice(0, 16)
  return join(dirname(jar), `host-${runtime}.jsa`)
}

/** The archive, where it is there and is what was made. */
export async function readArchive(java: Java, classes: HostClasses): Promise<string | undefined> {
  const archive = await archiveOf(java, classes)
  return (await isWhole(archive)) ? archive : undefined
}

/** Makes the archive in a host that runs no script but the sample; resolves to whether there is one. */
export async function makeArchive(java: Java, classes: HostClasses, signal: AbortSignal): Promise<boolean> {
  const archive = await archiveOf(java, classes)
  if (await isWhole(archive)) return true
  const unfinished = `${archive}.${randomUUID()}`
  try {
    if ((await runSample(java, classes, unfinished, signal)) !== 0) return false
    // The host reads it as a user of its own, as its jar.
    await chmod(unfinished, 0o444)
    await writeFile(`${unfinished}.sha256`, await digestOf(unfinished), { mode: 0o600 })
    await rename(unfinished, archive)
    await rename(`${unfinished}.sha256`, `${archive}.sha256`)
    return true
  } catch {
    // No room, or a Java that makes none: hosts start slower, and that is all.
    return false
  } finally {
    await Promise.all([unfinished, `${unfinished}.sha256`].map((file) => rm(file, { force: true })))
  }
}

async function runSample(
  java: Java,
  { classPath }: HostClasses,
  archive: string,
  signal: AbortSignal,
): Promise<number | null> {
  const flags = [...javaFlags(java, 128), `-XX:ArchiveClassesAtExit=${archive}`, '-cp', classPath]
  const child = spawn(java.path, [...flags, 'sluice.host.Main', '1', '16', 'none'], {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: limit,
    killSignal: 'SIGKILL',
    signal,
  })
  // Nobody waits for it.
  child.unref()
  const send = (header: Readonly<Record<string, unknown>>, parts: readonly Buffer[]): void => {
    for (const buffer of encodeFrame(header, parts)) child.stdin.write(buffer)
  }
  child.stdin.on('error', () => {})
  const read = createFrameReader(({ header }) => {
    if (header.type !== 'ready') {
      child.stdin.end()
      return
    }
    send({ type: 'folder', key: 'sample', files: [['sample.groovy', 0]], jars: [], classes: [] }, [Buffer.from(sample)])
    send({ type: 'compile', id: 1, folder: 'sample', file: 'sample.groovy', function: 'processData' }, [])
  }, 1_048_576)
  child.stdout.on('data', read)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}
