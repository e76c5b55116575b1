package sluice.host

import java.util.concurrent.ForkJoinPool

/**
 * Finds threads that outlive the call of a script: they would run for nobody. Each thread of the pool has a group of its
 * own, which the threads that its scripts start belong to.
 */
class Strays {
  private static final long GRACE = 200
  private static final long WATCH = 500
  private final ThreadGroup scripts = new ThreadGroup('scripts')
  private final Set<Thread> own = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<Thread, Boolean>()))
  private final Pipe pipe
  private final Map<Integer, Thread> running
  private volatile boolean told
  private final Object ended = new Object()
  private boolean dirty

  Strays(Pipe pipe, Map<Integer, Thread> running) {
    this.pipe = pipe
    this.running = running
  }

  Thread newThread(Runnable work) {
    ThreadGroup group = new ThreadGroup(scripts, 'script')
    group.daemon = true
    Thread thread = new Thread(group, work, 'script')
    thread.daemon = true
    own.add(thread)
    thread
  }

  /** Called by a thread of the pool when its call has been answered: waits a moment for what the script started. */
  void look() {
    ThreadGroup group = Thread.currentThread().threadGroup
    long until = System.currentTimeMillis() + GRACE
    while (group.activeCount() > 1) {
      if (System.currentTimeMillis() > until) {
        tell(group.activeCount() - 1)
        break
      }
      try {
        Thread.sleep(5)
      } catch (InterruptedException ignored) {
        // A late cancellation of the call that has ended: the thread's next work must not be hit by it.
        Thread.interrupted()
      }
    }
    synchronized (ended) {
      dirty = true
      ended.notify()
    }
  }

  private void tell(int count) {
    if (told) return
    told = true
    pipe.write([type: (Object) 'strays', count: count], [])
  }

  /** Looks at all other threads when no script runs: a script can start threads outside of its group, too. */
  void watch() {
    own.addAll(allThreads())
    Thread watcher = new Thread({
      while (!told) {
        synchronized (ended) {
          while (!dirty) ended.wait()
          dirty = false
        }
        Thread.sleep(WATCH)
        int count = outside()
        if (count == 0) continue
        Thread.sleep(WATCH)
        if (running.isEmpty() && outside() > 0) tell(count)
      }
    } as Runnable, 'strays')
    watcher.daemon = true
    own.add(watcher)
    watcher.start()
  }

  /** Threads that belong to nobody. Those that Java keeps for itself wait when nothing runs. */
  private int outside() {
    if (!running.isEmpty()) return 0
    int count = ForkJoinPool.commonPool().isQuiescent() ? 0 : 1
    for (Thread thread : allThreads()) {
      if (!own.contains(thread) && thread.getClass().classLoader != null || thread.getClass() == Thread && !own.contains(thread)) count++
    }
    count
  }

  private static List<Thread> allThreads() {
    ThreadGroup top = Thread.currentThread().threadGroup
    while (top.parent != null) top = top.parent
    Thread[] threads = new Thread[top.activeCount() + 64]
    int count = top.enumerate(threads, true)
    Arrays.asList(threads).subList(0, count)
  }
}
