package org.slf4j

/** Log of a script: each entry becomes a line of what the script prints, as everything scripts print. */
class Logger {
  final String name

  Logger(String name) { this.name = name }

  boolean isTraceEnabled() { false }
  boolean isDebugEnabled() { false }
  boolean isInfoEnabled() { true }
  boolean isWarnEnabled() { true }
  boolean isErrorEnabled() { true }

  void trace(String words, Object... values) {}
  void debug(String words, Object... values) {}
  void info(String words, Object... values) { write('INFO', words, values) }
  void warn(String words, Object... values) { write('WARN', words, values) }
  void error(String words, Object... values) { write('ERROR', words, values) }

  /** Each `{}` is replaced by the next value; a thrown value at the end is added in words. */
  private void write(String level, String words, Object[] values) {
    StringBuilder text = new StringBuilder()
    int from = 0
    int used = 0
    for (int at = words.indexOf('{}'); at >= 0 && used < values.length; at = words.indexOf('{}', from)) {
      text.append(words, from, at).append(String.valueOf(values[used++]))
      from = at + 2
    }
    text.append(words, from, words.length())
    if (used < values.length && values[values.length - 1] instanceof Throwable) text.append(': ').append(values[values.length - 1])
    System.out.println("${level} ${name}: ${text}")
  }
}

class LoggerFactory {
  static Logger getLogger(String name) { new Logger(name) }
  static Logger getLogger(Class type) { new Logger(type.name) }
}
