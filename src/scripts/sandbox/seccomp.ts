import { allowedSyscalls } from './syscalls.ts'

/** Which of the numbers in the table count, what the kernel calls the machine, and the numbers that need a closer look. */
const machines: Readonly<
  Record<string, { column: 0 | 1; audit: number; clone: number; ioctl: number; socket: number; pair: number }>
> = {
  x64: { column: 0, audit: 0xc000003e, clone: 56, ioctl: 16, socket: 41, pair: 53 },
  arm64: { column: 1, audit: 0xc00000b7, clone: 220, ioctl: 29, socket: 198, pair: 199 },
}

const load = 0x20
const jumpIfEqual = 0x15
const jumpIfAtLeast = 0x35
const jumpIfSet = 0x45
const give = 0x06

const allow = 0x7fff0000
const kill = 0x80000000
const fail = (errno: number): number => 0x00050000 | errno
const [notPermitted, notATerminal, notSupported] = [fail(1), fail(25), fail(38)]

/** Calls with this number and above are those of the 32-bit table of x64, which nothing here uses. */
const x32 = 0x40000000
const cloneThread = 0x00010000
const localSockets = 1
/** FIONREAD, TCGETS, TIOCGWINSZ: what a runtime asks of its pipes. Not TIOCSTI, which types into a terminal. */
const harmlessIoctls = [0x541b, 0x5401, 0x5413]
const [numberAt, machineAt, firstArgumentAt, secondArgumentAt] = [0, 4, 16, 24]

/**
 * A filter for the kernel (classic BPF, `struct sock_filter`): threads but no processes, no sockets, nothing that is
 * not in the list. Undefined for a machine whose numbers are not known here.
 */
export function seccompFilter(machine: string): Buffer | undefined {
  const known = machines[machine]
  if (known === undefined) return undefined
  const code: (readonly [operation: number, whenTrue: number, whenFalse: number, operand: number])[] = []
  const answer = (value: number): void => void code.push([give, 0, 0, value])
  const when = (operation: number, operand: number, value: number): void => {
    code.push([operation, 0, 1, operand])
    answer(value)
  }
  code.push([load, 0, 0, machineAt], [jumpIfEqual, 1, 0, known.audit])
  answer(kill)
  code.push([load, 0, 0, numberAt])
  if (known.column === 0) when(jumpIfAtLeast, x32, kill)
  for (const numbers of Object.values(allowedSyscalls)) {
    if (numbers[known.column] >= 0) when(jumpIfEqual, numbers[known.column], allow)
  }
  when(jumpIfEqual, known.socket, notPermitted)
  code.push([jumpIfEqual, 0, 4, known.clone], [load, 0, 0, firstArgumentAt])
  when(jumpIfSet, cloneThread, allow)
  answer(notPermitted)
  // Java makes one pair that is connected with itself, to wake up threads by.
  code.push([jumpIfEqual, 0, 4, known.pair], [load, 0, 0, firstArgumentAt])
  when(jumpIfEqual, localSockets, allow)
  answer(notPermitted)
  code.push([jumpIfEqual, 0, 2 + 2 * harmlessIoctls.length, known.ioctl], [load, 0, 0, secondArgumentAt])
  for (const request of harmlessIoctls) when(jumpIfEqual, request, allow)
  answer(notATerminal)
  // To a runtime a call that is not supported is one of a newer kernel: it takes the older one.
  answer(notSupported)
  return encode(code)
}

function encode(code: readonly (readonly [number, number, number, number])[]): Buffer {
  const filter = Buffer.alloc(code.length * 8)
  for (const [index, [operation, whenTrue, whenFalse, operand]] of code.entries()) {
    filter.writeUInt16LE(operation, index * 8)
    filter.writeUInt8(whenTrue, index * 8 + 2)
    filter.writeUInt8(whenFalse, index * 8 + 3)
    filter.writeUInt32LE(operand >>> 0, index * 8 + 4)
  }
  return filter
}
