import { dirname } from 'node:path'

import type { View } from './view.ts'

/** Programs of the system that make a sandbox; undefined where they are not installed. */
export interface Tools {
  readonly sh: string | undefined
  readonly env: string | undefined
  readonly bwrap: string | undefined
  readonly unshare: string | undefined
  readonly setpriv: string | undefined
  readonly prlimit: string | undefined
}

/** What one start is made of; every part was tried before. */
export interface Parts {
  readonly namespaces: 'bubblewrap' | 'unshare' | undefined
  /** The user id of the host's own, where this process is root. */
  readonly user: number | undefined
  readonly privileges: boolean
  readonly limits: boolean
  readonly syscalls: boolean
}

export interface Limits {
  readonly memoryMb: number
  readonly tasks: number
}

/** Descriptor from which bubblewrap reads the filter of system calls. */
export const filterDescriptor = 3

const devices = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom']

/** The command that runs the program with its arguments in the sandbox that the parts make. */
export function sandboxed(
  command: readonly string[],
  { tools, parts, view, limits, cwd }: { tools: Tools; parts: Parts; view: View; limits: Limits; cwd: string },
): readonly string[] {
  const bare = tools.env === undefined ? [] : [tools.env, '-i']
  const inner = [...bare, ...limitsOf(tools, parts, limits), ...userOf(tools, parts), view.program, ...command]
  if (parts.namespaces === 'bubblewrap') return [...bubblewrapOf(tools, parts, view), ...inner]
  if (parts.namespaces === 'unshare') return [...unshareOf(tools, parts, view, cwd), ...inner]
  return inner
}

/** Limits are set where nothing is started any more but the host: they would hold for the tools, too. */
function limitsOf({ prlimit }: Tools, parts: Parts, { memoryMb, tasks }: Limits): readonly string[] {
  if (!parts.limits || prlimit === undefined) return []
  // Without a user or namespace of its own, the count of tasks would be that of everything this user runs.
  const own = parts.user !== undefined || parts.namespaces !== undefined
  const counted = own ? [`--nproc=${tasks}:${tasks}`] : []
  return [prlimit, ...counted, '--fsize=0:0', '--core=0:0', '--nofile=256:256', `--data=${memoryMb * 1_048_576}`]
}

function userOf({ setpriv }: Tools, parts: Parts): readonly string[] {
  if (setpriv === undefined || (parts.user === undefined && !parts.privileges)) return []
  const own = parts.user === undefined ? [] : [`--reuid=${parts.user}`, `--regid=${parts.user}`, '--clear-groups']
  // Bubblewrap has dropped them before; who is not root has none to drop.
  const root = parts.namespaces === 'unshare' || (parts.namespaces === undefined && parts.user !== undefined)
  return [setpriv, ...own, '--no-new-privs', '--inh-caps=-all', ...(root ? ['--bounding-set=-all'] : [])]
}

function bubblewrapOf({ bwrap = '' }: Tools, parts: Parts, { paths }: View): readonly string[] {
  const folders = new Set(['/dev', '/proc', ...paths.flatMap(foldersAbove)])
  // As root the host gets a user of its own, which its last tool changes to; else it keeps ours, in a namespace.
  const user = parts.user === undefined ? ['--unshare-user'] : ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID']
  return [
    bwrap,
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--cap-drop',
    'ALL',
    ...user,
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    '--hostname',
    'scripts',
    ...[...folders].flatMap((folder) => ['--dir', folder]),
    ...paths.flatMap((path) => ['--ro-bind', path, path]),
    ...devices.flatMap((path) => ['--dev-bind', path, path]),
    '--proc',
    '/proc',
    '--remount-ro',
    '/',
    '--chdir',
    '/',
    ...(parts.syscalls ? ['--seccomp', String(filterDescriptor)] : []),
    '--',
  ]
}

/** From the root down. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) folders.unshift(folder)
  return folders
}

/**
 * Builds the view below the folder `$1`, which nobody outside the new mount namespace sees, and goes into it. A host
 * without capabilities cannot leave it, and the kernel makes no user namespace for one in there. The shell stays as the
 * first process of the namespace: with it everything in there dies, also what has changed its user.
 */
const buildView = `
set -e
root=$1; shift
mount -t tmpfs -o size=1m,nr_inodes=2048,mode=755 scripts "$root"
show() {
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : >"$root$1"; fi
  mount --bind "$1" "$root$1"
  mount -o "remount,bind,$2" "$root$1"
}
while [ "$1" != -- ]; do show "$1" ro,nosuid; shift; done
shift
for device in ${devices.join(' ')}; do show "$device" ro,nosuid,noexec; done
mkdir -p "$root/proc"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -o remount,bind,ro "$root"
hostname scripts
cd "$root"
chroot . "$@"
exit $?
`

function unshareOf({ unshare = '', sh = '' }: Tools, parts: Parts, { paths }: View, root: string): readonly string[] {
  return [
    unshare,
    ...(parts.user === undefined ? ['--user', '--map-root-user'] : []),
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--cgroup',
    '--fork',
    '--kill-child',
    sh,
    '-c',
    buildView,
    'scripts',
    root,
    ...paths,
    '--',
  ]
}

/** Joins control groups, then becomes the command. */
export const joined = ({ sh = '' }: Tools, joins: readonly string[], command: readonly string[]): readonly string[] =>
  joins.length === 0
    ? command
    : [
        sh,
        '-c',
        'while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done; shift; exec "$@"',
        'scripts',
        ...joins,
        '--',
        ...command,
      ]
