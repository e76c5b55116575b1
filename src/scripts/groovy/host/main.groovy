package sluice.host

import com.sap.gateway.ip.core.customdev.util.Message
import com.sap.it.api.msglog.MessageLogFactory
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.messages.SyntaxErrorMessage
import org.codehaus.groovy.runtime.InvokerHelper

import java.nio.charset.StandardCharsets
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** Reads frames from the tenant process until the pipe ends, and runs scripts on a pool of threads. */
class Main {
  private static final int FOLDERS = 256
  private final Pipe pipe
  private final KeptObjects kept = new KeptObjects()
  private final Map<Integer, Thread> running = new ConcurrentHashMap<>()
  private final Map<String, Folder> folders = Collections.synchronizedMap(new LinkedHashMap<String, Folder>(64, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Folder> eldest) { size() > FOLDERS }
  })
  private final ThreadPoolExecutor pool
  private final Strays strays
  private final long mostOutput

  Main(Pipe pipe, int threads, long mostOutput) {
    this.pipe = pipe
    this.mostOutput = mostOutput
    strays = new Strays(pipe, running)
    pool = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<Runnable>())
    pool.allowCoreThreadTimeOut(true)
    pool.threadFactory = { Runnable work ->
      strays.newThread(work)
    }
  }

  /**
   * Arguments: number of threads, MB that one call may hand over, `guard` if the guard is wanted. The runtime itself and
   * the class path stay readable: classes are loaded late.
   */
  static void main(String[] arguments) {
    Pipe pipe = new Pipe(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out))
    System.in = new ByteArrayInputStream(new byte[0])
    System.out = new PrintStream(new LogStream(pipe), true, 'UTF-8')
    System.err = System.out
    Main host = new Main(pipe, Integer.parseInt(arguments[0]), Long.parseLong(arguments[1]) * 1048576L)
    URL.setURLStreamHandlerFactory(new HttpUrls())
    List<String> readable = System.getProperty('java.class.path').split(File.pathSeparator).toList()
    readable.add(System.getProperty('java.home'))
    boolean guarded = arguments[2] == 'guard' && Guard.install(readable)
    if (!guarded) TlsDefaults.watch()
    pipe.write([type: (Object) 'ready', groovy: GroovySystem.version, guarded: guarded], [])
    host.strays.watch()
    host.serve()
  }

  private void serve() {
    Frame frame
    while ((frame = pipe.read()) != null) {
      Frame received = frame
      switch ((String) frame.header.get('type')) {
        case 'reply': ScriptRun.answer(frame); break
        case 'folder': folders.put((String) frame.header.get('key'), new Folder(frame)); break
        case 'release': kept.release((String) frame.header.get('exchange')); break
        case 'cancel': cancel((Integer) frame.header.get('id')); break
        case 'ping': pipe.write([type: (Object) 'done', id: frame.header.get('id')], []); break
        default: pool.execute { work(received) }
      }
    }
  }

  /** Atomic with the end of the work, so that the thread's next work is never interrupted for it. */
  private void cancel(Integer id) {
    running.computeIfPresent(id) { Integer key, Thread thread ->
      thread.interrupt()
      thread
    }
  }

  private void work(Frame frame) {
    Integer id = (Integer) frame.header.get('id')
    running.put(id, Thread.currentThread())
    ScriptRun run = null
    Map<String, Object> answer
    List<byte[]> classes = []
    try {
      Folder folder = folders.get(frame.header.get('folder'))
      if (folder == null) throw new ScriptProblem('folderUnknown', (String) frame.header.get('folder'))
      Class type = folder.script((String) frame.header.get('file'), (String) frame.header.get('function'))
      answer = [type: (Object) 'done', id: id]
      if (frame.header.get('type') == 'run') {
        run = new ScriptRun(frame, pipe, kept)
        run.enter()
        invoke(type, (String) frame.header.get('function'), frame, run).encode(answer)
      } else folder.encodeClasses((String) frame.header.get('file'), answer, classes)
    } catch (Throwable thrown) {
      // What was encoded for an answer that cannot be given must not be mixed with the log entries' parts.
      answer = [type: (Object) 'failed', id: id, problem: (Object) Problems.of(thrown, frame)]
    } finally {
      ScriptRun.leave()
      running.remove(id)
      Thread.interrupted()
    }
    if (run == null) pipe.write(answer, classes) else send(answer, run)
    strays.look()
  }

  private void send(Map<String, Object> answer, ScriptRun run) {
    long output = 0
    synchronized (run.parts) {
      for (byte[] part : run.parts) output += part.length
    }
    if (output > mostOutput) {
      String words = 'The script hands over ' + output + ' bytes; ' + mostOutput + ' are allowed.'
      Map<String, Object> problem = [kind: (Object) 'failed', className: 'java.lang.IllegalStateException', message: words, line: null, stack: words]
      pipe.write([type: (Object) 'failed', id: answer.get('id'), problem: (Object) problem], [])
      return
    }
    if (!run.logEntries.isEmpty()) answer.put('log', run.logEntries)
    if (kept.holds(run.exchangeId)) answer.put('kept', true)
    pipe.write(answer, run.parts)
  }

  private static ScriptMessage invoke(Class type, String function, Frame frame, ScriptRun run) {
    ScriptMessage message = new ScriptMessage(frame, run)
    Object script = type.getDeclaredConstructor().newInstance()
    if (script instanceof Script) ((Script) script).binding = new Binding([messageLogFactory: new MessageLogFactory()])
    InvokerHelper.invokeMethod(script, function, [message.face] as Object[])
    message
  }
}

/** What went wrong, in words and with the place in the script. */
class Problems {
  static Map<String, Object> of(Throwable thrown, Frame frame) {
    if (thrown instanceof ScriptProblem) return [kind: (Object) thrown.kind, message: thrown.message]
    if (thrown instanceof MultipleCompilationErrorsException) return ofCompiler((MultipleCompilationErrorsException) thrown)
    String file = (String) frame.header.get('file')
    StackTraceElement[] stack = thrown.stackTrace
    Integer line = null
    StringBuilder words = new StringBuilder(String.valueOf(thrown))
    int shown = 0
    for (StackTraceElement element : stack) {
      String source = element.fileName
      boolean own = source != null && source.startsWith('SluiceScript')
      if (own && line == null) line = element.lineNumber
      if ((own || !isMachinery(element.className)) && shown++ < 40) {
        String place = own ? "${element.methodName}(${file}:${element.lineNumber})" : element.toString()
        words.append('\n\tat ').append(place)
      }
    }
    for (Throwable cause = thrown.cause; cause != null && shown++ < 60; cause = cause.cause) {
      words.append('\nCaused by: ').append(String.valueOf(cause))
    }
    [kind: (Object) 'failed', className: thrown.getClass().name, message: thrown.message ?: '', line: line, stack: words.toString()]
  }

  private static boolean isMachinery(String name) {
    name.startsWith('org.codehaus.groovy.') || name.startsWith('org.apache.groovy.') || name.startsWith('groovy.lang.') ||
      name.startsWith('java.lang.reflect.') || name.startsWith('jdk.internal.') || name.startsWith('sluice.host.') ||
      name.startsWith('java.util.concurrent.') || name.startsWith('java.lang.invoke.') || name == 'java.lang.Thread'
  }

  private static Map<String, Object> ofCompiler(MultipleCompilationErrorsException thrown) {
    List<Object> errors = []
    for (Object error : thrown.errorCollector.errors ?: []) {
      if (!(error instanceof SyntaxErrorMessage)) {
        errors.add([message: String.valueOf(error)])
        continue
      }
      def cause = ((SyntaxErrorMessage) error).cause
      // Groovy repeats the place at the end of its message.
      String words = cause.originalMessage ?: cause.message
      errors.add([message: words.trim(), line: cause.line, column: cause.startColumn])
    }
    if (errors.isEmpty()) errors.add([message: thrown.message])
    [kind: (Object) 'compileFailed', errors: errors]
  }
}

/** What scripts print, line by line, as frames. */
class LogStream extends OutputStream {
  private static final int LINE_LIMIT = 8192
  private final Pipe pipe
  private final ThreadLocal<ByteArrayOutputStream> line = ThreadLocal.withInitial { new ByteArrayOutputStream() }

  LogStream(Pipe pipe) { this.pipe = pipe }

  @Override
  void write(int value) {
    ByteArrayOutputStream collected = line.get()
    if (value != 10 && collected.size() < LINE_LIMIT) collected.write(value)
    if (value == 10) send(collected)
  }

  @Override
  void write(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) write((int) bytes[i])
  }

  private void send(ByteArrayOutputStream collected) {
    if (collected.size() == 0) return
    pipe.write([type: (Object) 'log', exchange: ScriptRun.currentExchange(), text: collected.toString('UTF-8')], [])
    collected.reset()
  }
}
