import { writeZip } from '../formats/index.ts'
import type { TestResult } from './contracts.ts'

/** The chain of a test as a zip of `.cer` files (PEM), leaf first; also of a test whose validation failed. */
export async function certificatesZip({ certificates }: Pick<TestResult, 'certificates'>): Promise<Buffer> {
  return await writeZip(
    certificates.map(({ subject, pem }, index) => [
      `${String(index + 1).padStart(2, '0')}-${fileName(subject)}.cer`,
      Buffer.from(pem),
    ]),
  )
}

/** The common name, or the whole subject where it has none, as a file name that every system takes. */
function fileName(subject: string): string {
  const name = /(?:^|,\s*)CN=((?:\\.|[^,\\])+)/i.exec(subject)?.[1] ?? subject
  const safe = name
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
    .replaceAll(/^[._]+|[._]+$/g, '')
    .slice(0, 60)
  return safe === '' ? 'certificate' : safe
}
