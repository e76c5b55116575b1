/** Why a path may not name an entry of a bundle, in words; undefined for a plain relative path. */
export function pathFlaw(path: string): string | undefined {
  if (path === '') return 'its name is empty'
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'its name holds control characters'
  if (path.includes('\\')) return 'its name holds a backslash'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'its name is absolute'
  const parts = path.replace(/\/$/, '').split('/')
  if (parts.includes('..')) return "its name leads out of its folder by '..'"
  if (parts.some((part) => part === '' || part === '.')) return "its name holds an empty part or a '.'"
  return undefined
}

/** A name that came from outside, made fit to stand in a message. */
export const shownPath = (path: string): string => path.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 200)
