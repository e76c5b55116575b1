import { close, fdatasync } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'

/** An open file of the journal. */
export interface Segment {
  readonly file: number
  size: number
}

/** Brings segments to the disk in the background and closes those that are done with. */
export interface DiskSync {
  readonly opened: (file: number) => Segment
  readonly written: (segment: Segment) => void
  /** The segment gets no more writes; its file is closed when all of it is on the disk. */
  readonly retire: (segment: Segment) => void
  /** Resolves when all that was written is on the disk and all retired files are closed. */
  readonly idle: () => Promise<void>
}

// What a power failure may cost; a killed process loses nothing that was written.
const everyMilliseconds = 200

const toDisk = promisify(fdatasync)
const closeFile = promisify(close)

async function folderToDisk(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `failed` is told when bytes could not be brought to the disk. */
export function createDiskSync(given: {
  readonly folder: string
  readonly failed: (cause: unknown) => void
}): DiskSync {
  const dirty = new Set<Segment>()
  const retired = new Set<Segment>()
  let folderIsNew = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()

  async function sync(): Promise<void> {
    const due = [...dirty]
    dirty.clear()
    const done = [...retired]
    retired.clear()
    try {
      for (const { file } of due) await toDisk(file)
      if (folderIsNew) {
        folderIsNew = false
        await folderToDisk(given.folder)
      }
    } catch (cause) {
      given.failed(cause)
    }
    for (const { file } of done) await closeFile(file)
  }

  function start(): void {
    clearTimeout(timer)
    timer = undefined
    running = running.then(sync).then(schedule)
  }

  function schedule(): void {
    if (timer !== undefined || (dirty.size === 0 && retired.size === 0)) return
    timer = setTimeout(start, everyMilliseconds).unref()
  }

  return {
    opened: (file) => {
      folderIsNew = true
      return { file, size: 0 }
    },
    written: (segment) => {
      dirty.add(segment)
      schedule()
    },
    retire: (segment) => {
      retired.add(segment)
      schedule()
    },
    idle: async () => {
      do {
        start()
        await running
      } while (dirty.size > 0 || retired.size > 0)
      clearTimeout(timer)
      timer = undefined
    },
  }
}
