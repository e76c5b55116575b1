/** What all benchmarks print. */
import type { Result } from './load.ts'

/** The round that the machine disturbed least. */
export const best = (results: readonly Result[]): Result => results.reduce((a, b) => (b.rate > a.rate ? b : a))

/** `what` is counted: requests, messages, tokens. */
export const line = (name: string, { rate, p50, p99, failures }: Result, what = 'req'): string =>
  `${name.padEnd(28)}${rate.toFixed(0).padStart(8)} ${what}/s   p50 ${p50.toFixed(2).padStart(6)} ms   p99 ${p99.toFixed(2).padStart(7)} ms${failures > 0 ? `   ${failures} failures` : ''}`

export const ratio = (ours: number, bare: number): string =>
  `  ratio                       ${(ours / bare).toFixed(2).padStart(8)}`
