import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { seccompFilter } from './seccomp.ts'

const [allow, kill, notPermitted, notSupported] = [0x7fff0000, 0x80000000, 0x00050001, 0x00050026]
const audit = { x64: 0xc000003e, arm64: 0xc00000b7 } as const

/** Runs the filter as the kernel does. */
function verdict(
  machine: 'x64' | 'arm64',
  number: number,
  given: readonly number[] = [],
  as: number = audit[machine],
): number {
  const filter = seccompFilter(machine) ?? Buffer.alloc(0)
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(as, 4)
  for (const [index, value] of given.entries()) data.writeUInt32LE(value, 16 + index * 8)
  let loaded = 0
  for (let at = 0; at < filter.length / 8; at += 1) {
    const [whenTrue, whenFalse] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)]
    const operand = filter.readUInt32LE(at * 8 + 4)
    const jump = (is: boolean): void => void (at += is ? whenTrue : whenFalse)
    switch (filter.readUInt16LE(at * 8)) {
      case 0x20:
        loaded = data.readUInt32LE(operand)
        break
      case 0x15:
        jump(loaded === operand)
        break
      case 0x35:
        jump(loaded >= operand)
        break
      case 0x45:
        jump((loaded & operand) !== 0)
        break
      default:
        return operand
    }
  }
  return assert.fail('the filter has no end')
}

describe('the filter of system calls', () => {
  for (const [what, machine, number, given, expected] of [
    ['read', 'x64', 0, [], allow],
    ['futex', 'x64', 202, [], allow],
    ['a thread', 'x64', 56, [0x3d0f00], allow],
    ['a process', 'x64', 56, [0x1200011], notPermitted],
    ['clone3, whose flags no filter sees', 'x64', 435, [], notSupported],
    ['fork', 'x64', 57, [], notSupported],
    ['vfork', 'x64', 58, [], notSupported],
    ['a socket', 'x64', 41, [1], notPermitted],
    ['a pair of local sockets', 'x64', 53, [1], allow],
    ['a pair of other sockets', 'x64', 53, [30], notPermitted],
    ['connect', 'x64', 42, [], notSupported],
    ['typing into a terminal', 'x64', 16, [0, 0x5412], 0x00050019],
    ['asking how much there is to read', 'x64', 16, [0, 0x541b], allow],
    ['ptrace', 'x64', 101, [], notSupported],
    ['unshare', 'x64', 272, [], notSupported],
    ['mount', 'x64', 165, [], notSupported],
    ['bpf', 'x64', 321, [], notSupported],
    ['io_uring_setup', 'x64', 425, [], notSupported],
    ['mkdir', 'x64', 83, [], notSupported],
    ['the 32-bit table', 'x64', 0x40000000, [], kill],
    ['read', 'arm64', 63, [], allow],
    ['a thread', 'arm64', 220, [0x3d0f00], allow],
    ['a process', 'arm64', 220, [0x1200011], notPermitted],
    ['a socket', 'arm64', 198, [2], notPermitted],
    ['mount', 'arm64', 40, [], notSupported],
  ] as const) {
    it(`answers ${what} on ${machine}`, () => assert.equal(verdict(machine, number, given), expected))
  }

  it('kills what calls as another machine', () => assert.equal(verdict('x64', 0, [], 0x40000003), kill))
  it('is not made for a machine that is not known', () => assert.equal(seccompFilter('s390x'), undefined))
})
