/** What the scripts try to reach; the same for all of them. */
export interface Canaries {
  readonly file: string
  readonly otherTenant: string
  readonly port: number
  readonly socket: string
  readonly pid: number
  /** Begins the name of each file, and stands in the arguments of each program, that a script makes. */
  readonly mark: string
}

export interface Escape {
  readonly name: string
  /** The body of the function, or a whole script if it has one. */
  readonly script: (canaries: Canaries) => string
  /** Whether the message (or deployment) must fail; otherwise it may, and only what it touches counts. */
  readonly fails?: false
  /** The security manager of Java alone does not hold it (docs/sandbox.md). */
  readonly beyondGuard?: true
}

/** Lines that get at what Java hides from programs. */
export const unsafe = `def c = Class.forName('sun.misc.Unsafe'); def uf = c.getDeclaredField('theUnsafe'); uf.accessible = true; def unsafe = uf.get(null)`
