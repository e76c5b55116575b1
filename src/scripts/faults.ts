import { declareFaults } from '../base/index.ts'

interface CompileError {
  readonly message: string
  readonly line?: number
  readonly column?: number
}

const atLine = (line: number | undefined): string => (line === undefined ? '' : ` (line ${line})`)

export const faults = declareFaults('scripts', {
  javaMissing: {
    kind: 'missing',
    message: (d: { found: string | undefined }) =>
      d.found === undefined
        ? 'Groovy scripts need Java, and none was found.'
        : `Groovy scripts need Java 11 or newer, and ${d.found} was found.`,
    remedy: 'Install a Java runtime of version 11 to 23 and put it on the PATH, or set JAVA_HOME; then deploy again.',
  },
  groovyMissing: {
    kind: 'missing',
    message: (d: { wanted: string }) =>
      `Groovy scripts need Groovy${d.wanted === 'auto' ? '' : ` ${d.wanted}`}, and none was found.`,
    remedy:
      "Install Groovy 2.4 (Debian's package `groovy`), or let the policy of the tenant say groovy=auto; then deploy again.",
  },
  jarShadows: {
    kind: 'invalid',
    message: (d: { bundle: string; what: string }) =>
      `A jar of the bundle '${d.bundle}' would stand for the script API: ${d.what}.`,
    remedy: 'Remove the jar from the bundle, or the classes from the jar: the script API is always there.',
  },
  jarsTooLarge: {
    kind: 'exhausted',
    message: (d: { bundle: string; limit: string }) =>
      `The jars of the bundle '${d.bundle}' hold more than ${d.limit} bytes.`,
    remedy: 'Remove the jars that its scripts do not use.',
  },
  serviceMissing: {
    kind: 'unsupported',
    message: (d: { service: string }) => `Not available: this tenant has no ${d.service} for scripts yet.`,
    remedy: 'Remove the call from the script, or let the script go on without it.',
  },
  hostFailed: {
    kind: 'unavailable',
    message: (d: { why: string }) => `The script host does not start: ${d.why}`,
    remedy: 'Look into the log of the tenant process; check free memory and that the cache folder can be written.',
  },
  sandboxMissing: {
    kind: 'unavailable',
    message: (d: { missing: readonly string[] }) =>
      `Scripts are refused, because their sandbox is not complete on this machine. Missing: ${d.missing.join('; ')}.`,
    remedy:
      'Install bubblewrap and allow user namespaces (docs/sandbox.md), or set SLUICE_SCRIPT_SANDBOX=best-effort if all scripts are trusted.',
  },
  reviewFailed: {
    kind: 'unavailable',
    message: (d: { why: string }) => `CodeNarc, which reads Groovy scripts, does not start: ${d.why}`,
    remedy: 'Check free memory, that the cache folder can be written, and that npm-groovy-lint is installed.',
  },
  hostClosed: {
    kind: 'unavailable',
    message: () => 'The script host is shutting down.',
    remedy: 'Send the message again when the tenant runs.',
  },
  hostDied: {
    kind: 'failed',
    message: (d: { script: string; why: string }) =>
      `The script host died while the script '${d.script}' ran: ${d.why}`,
    remedy:
      'Check how much memory the script needs for its message; split large messages, or raise the memory of the script host.',
  },
  timeout: {
    kind: 'timeout',
    message: (d: { script: string; milliseconds: number }) =>
      `The script '${d.script}' ran longer than ${d.milliseconds} ms and was stopped.`,
    remedy: 'Look for endless loops and long waits in the script, or raise the time limit of scripts.',
  },
  failed: {
    kind: 'failed',
    // The words of the original, which scripts and people search for.
    message: (d: { script: string; className: string; message: string; line?: number | undefined; stack: string }) =>
      `${d.className}: ${d.message}@ ${d.line === undefined ? '' : `line ${d.line} `}in ${d.script}`,
    remedy: 'Correct the script or what it was given; the details hold the lines it went through.',
  },
  compileFailed: {
    kind: 'invalid',
    message: (d: { script: string; errors: readonly CompileError[] }) =>
      `The script '${d.script}' does not compile: ${d.errors.map((error) => `${error.message}${atLine(error.line)}`).join('; ')}`,
    remedy: 'Correct the script. Classes of other libraries than Groovy and the script API are not available.',
  },
  functionMissing: {
    kind: 'invalid',
    message: (d: { script: string; functionName: string }) =>
      `The script '${d.script}' has no function '${d.functionName}' that takes one message.`,
    remedy: 'Correct the function name of the step or add the function to the script; an empty name means processData.',
  },
  fileMissing: {
    kind: 'invalid',
    message: (d: { script: string; bundle: string }) => `The bundle '${d.bundle}' has no script '${d.script}'.`,
    remedy: 'Correct the file name of the step or add the file below src/main/resources/script.',
  },
  collectionMissing: {
    kind: 'missing',
    message: (d: { collection: string }) => `The script collection '${d.collection}' is not deployed.`,
    remedy: 'Deploy the script collection with this id.',
  },
  outOfMemory: {
    kind: 'failed',
    message: (d: { script: string; mebibytes: number }) =>
      `The script '${d.script}' needed more than ${d.mebibytes} MiB of memory and was stopped.`,
    remedy: 'Check what the script keeps in memory; split large messages before it.',
  },
  neverEnds: {
    kind: 'failed',
    message: (d: { script: string }) => `The script '${d.script}' waits for a promise that nothing settles.`,
    remedy:
      'Return a promise that the script itself settles; scripts have no timers, and calls over HTTP wait for their answer.',
  },
  javascriptUnsupported: {
    kind: 'unsupported',
    message: (d: { script: string }) => `The script '${d.script}' is written in JavaScript, which is not run here.`,
    remedy: 'Write the script in Groovy.',
  },
})
