/** The permutation of RFC 2268, section 2. */
const pitable = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
)

/** The 64 round keys (RFC 2268, section 2); `bits` is the effective strength. */
function expand(key: Uint8Array, bits: number): Uint16Array {
  const bytes = new Uint8Array(128)
  bytes.set(key)
  const at = (index: number): number => pitable[index & 0xff] ?? 0
  for (let i = key.length; i < 128; i++) bytes[i] = at((bytes[i - 1] ?? 0) + (bytes[i - key.length] ?? 0))
  const effective = Math.ceil(bits / 8)
  bytes[128 - effective] = at((bytes[128 - effective] ?? 0) & (0xff >> (8 * effective - bits)))
  for (let i = 127 - effective; i >= 0; i--) bytes[i] = at((bytes[i + 1] ?? 0) ^ (bytes[i + effective] ?? 0))
  return Uint16Array.from({ length: 64 }, (_, i) => (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8))
}

const rotations = [1, 2, 3, 5] as const

/** Decrypts one block of 8 bytes in place (RFC 2268, section 4). */
function decryptBlock(keys: Uint16Array, block: Buffer): void {
  const r = Uint16Array.from([0, 2, 4, 6], (at) => block.readUInt16LE(at))
  const word = (index: number): number => r[index & 3] ?? 0
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const turned = (word(i) >>> (rotations[i] ?? 0)) | (word(i) << (16 - (rotations[i] ?? 0)))
      const mixed = (keys[4 * round + i] ?? 0) + (word(i - 1) & word(i - 2)) + (~word(i - 1) & word(i - 3))
      r[i] = (turned & 0xffff) - mixed
    }
    if (round === 11 || round === 5) for (let i = 3; i >= 0; i--) r[i] = word(i) - (keys[word(i - 1) & 63] ?? 0)
  }
  r.forEach((value, index) => block.writeUInt16LE(value, 2 * index))
}

/**
 * Decrypts RC2 in CBC mode (RFC 2268), which OpenSSL offers no more and old key stores still need. The padding is
 * taken off. Undefined when it is wrong, so the key is.
 */
export function decryptRc2(given: {
  readonly key: Uint8Array
  /** Effective strength in bits: 40, 64 or 128. */
  readonly bits: number
  readonly iv: Uint8Array
  readonly content: Uint8Array
}): Buffer | undefined {
  const keys = expand(given.key, given.bits)
  const content = Buffer.from(given.content)
  if (content.length === 0 || content.length % 8 !== 0) return undefined
  const plain = Buffer.alloc(content.length)
  let before = Buffer.from(given.iv)
  for (let at = 0; at < content.length; at += 8) {
    const cipher = content.subarray(at, at + 8)
    const block = Buffer.from(cipher)
    decryptBlock(keys, block)
    for (let i = 0; i < 8; i++) plain[at + i] = (block[i] ?? 0) ^ (before[i] ?? 0)
    before = cipher
  }
  const padding = plain.at(-1) ?? 0
  const padded = plain.subarray(-padding)
  return padding >= 1 && padding <= 8 && padded.every((byte) => byte === padding)
    ? plain.subarray(0, -padding)
    : undefined
}
