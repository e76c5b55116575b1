import assert from 'node:assert/strict'

import type { LayerName, SandboxLayer } from '../../src/scripts/sandbox/layers.ts'
import { findTools } from '../../src/scripts/sandbox/tools.ts'

/**
 * In which words the kernel of this machine forbids a layer that a test needs; undefined where all are there.
 * A missing program fails the test instead: programs can be installed.
 */
export function forbiddenLayers(layers: readonly SandboxLayer[], needs: readonly LayerName[]): string | undefined {
  for (const [tool, path] of Object.entries(findTools(new Set()))) assert.ok(path, `${tool} is not installed`)
  const off = layers.filter(({ name, on }) => !on && needs.includes(name))
  return off.length === 0 ? undefined : `forbidden here: ${off.map(({ name, why }) => `${name} (${why})`).join(', ')}`
}
