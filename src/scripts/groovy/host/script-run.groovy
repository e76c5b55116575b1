package sluice.host

import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

/** The tenant process refused a call, or knows no such call. */
class CallRefused extends RuntimeException {
  final String code

  CallRefused(String code, String message) {
    super(message)
    this.code = code
  }
}

/** One call of a script function: what its API classes need to know, and what it wrote into the message log. */
class ScriptRun {
  private static final InheritableThreadLocal<ScriptRun> CURRENT = new InheritableThreadLocal<>()
  private static final AtomicInteger nextCall = new AtomicInteger()
  private static final Map<Integer, CompletableFuture<Frame>> calls = new ConcurrentHashMap<>()

  final int id
  final String exchangeId
  final String flowId
  final boolean logActive
  final KeptObjects kept
  private final Pipe pipe
  final List<Map<String, Object>> logEntries = Collections.synchronizedList([])
  /** Raw parts of the answer; log entries put theirs in while the script runs. */
  final List<byte[]> parts = Collections.synchronizedList([])

  ScriptRun(Frame frame, Pipe pipe, KeptObjects kept) {
    id = (Integer) frame.header.get('id')
    exchangeId = (String) frame.header.get('exchange')
    flowId = (String) frame.header.get('flow')
    logActive = frame.header.get('log') as boolean
    this.pipe = pipe
    this.kept = kept
  }

  static ScriptRun current() {
    ScriptRun run = CURRENT.get()
    if (run == null) throw new IllegalStateException('This service works only while a script runs.')
    run
  }

  static String currentExchange() { CURRENT.get()?.exchangeId }

  void enter() { CURRENT.set(this) }

  static void leave() { CURRENT.remove() }

  /** Asks the tenant process. */
  Object call(String name, List<?> arguments) {
    List<byte[]> given = []
    List<Object> encoded = []
    for (Object argument : arguments) encoded.add(Values.encode(argument, given, kept, exchangeId))
    int number = nextCall.incrementAndGet()
    CompletableFuture<Frame> answer = new CompletableFuture<>()
    calls.put(number, answer)
    try {
      pipe.write([type: (Object) 'call', run: id, call: number, name: name, arguments: encoded], given)
      Frame frame = answer.get()
      Map<String, Object> error = (Map<String, Object>) frame.header.get('error')
      if (error != null) throw new CallRefused((String) error.get('code'), (String) error.get('message'))
      return Values.decode(frame.header.get('result'), frame, kept)
    } finally {
      calls.remove(number)
    }
  }

  static void answer(Frame frame) { calls.get((Integer) frame.header.get('call'))?.complete(frame) }

  void logEntry(String kind, String name, Object value) {
    logEntries.add([kind: (Object) kind, name: name, value: String.valueOf(value)])
  }

  void logAttachment(String name, byte[] content, String mediaType) {
    synchronized (parts) {
      logEntries.add([kind: (Object) 'attachment', name: name, mediaType: mediaType, part: Values.addPart(parts, content)])
    }
  }
}
