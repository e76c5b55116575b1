package sluice.codenarc

import groovy.json.JsonOutput
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.messages.SyntaxErrorMessage
import org.codenarc.rule.Rule
import org.codenarc.rule.Violation
import org.codenarc.source.SourceString

/**
 * Lets the rules of CodeNarc read scripts. Takes the names of rules as its arguments and scripts from the standard
 * input, each as its length (four bytes) and its text; writes a line of JSON when it begins and when it ends one.
 * Nothing is compiled beyond the syntax tree, so that nothing in a script can run.
 */
class Review {
  /** For the parser, which goes down as deep as a script nests. */
  private static final long STACK = 64L * 1024 * 1024

  static void main(String[] names) {
    Thread reader = new Thread(null, { new Review(names).readAll() }, 'review', STACK)
    reader.start()
    reader.join()
  }

  private final List<Rule> rules
  private final PrintStream answers = System.out
  private final DataInputStream scripts = new DataInputStream(new BufferedInputStream(System.in))

  private Review(String[] names) {
    // What rules and the parser print must not get between the answers.
    System.setOut(System.err)
    Properties known = new Properties()
    Review.getResourceAsStream('/codenarc-base-rules.properties').withCloseable { known.load(it as InputStream) }
    rules = names.collect { Class.forName(known.getProperty(it)).getDeclaredConstructor().newInstance() as Rule }
  }

  private void readAll() {
    answer([ready: true] as Map<String, Object>)
    for (int number = 0; ; number++) {
      int length
      try {
        length = scripts.readInt()
      } catch (EOFException ignored) {
        return
      }
      byte[] bytes = new byte[length]
      scripts.readFully(bytes)
      answer([begun: number] as Map<String, Object>)
      Map<String, Object> told = review(new String(bytes, 'UTF-8'))
      told.put('ended', number)
      answer(told)
    }
  }

  private Map<String, Object> review(String text) {
    try {
      SourceString script = new SourceString(text)
      if (script.ast == null) return problemOf(text)
      List<List<Object>> found = []
      // Asked one by one, rules know nothing of annotations and comments by which an author takes himself out of them.
      for (Rule rule : rules) {
        for (Violation each : rule.applyTo(script)) found << ([rule.name, each.lineNumber ?: 1] as List<Object>)
      }
      return [found: found] as Map<String, Object>
    } catch (StackOverflowError ignored) {
      return [problem: 'it nests too deeply', line: 1] as Map<String, Object>
    } catch (Exception | LinkageError | AssertionError error) {
      return [problem: "a rule fails on it: ${error}".toString(), line: 1] as Map<String, Object>
    }
  }

  /** CodeNarc does not say why it cannot read a script. */
  private static Map<String, Object> problemOf(String text) {
    try {
      SourceUnit unit = SourceUnit.create('script', text)
      unit.parse()
      unit.completePhase()
      unit.nextPhase()
      unit.convert()
    } catch (MultipleCompilationErrorsException several) {
      Object first = several.errorCollector.errors.find { it instanceof SyntaxErrorMessage }
      if (first != null) {
        def cause = ((SyntaxErrorMessage) first).cause
        return [problem: cause.originalMessage, line: Math.max(1, cause.line)] as Map<String, Object>
      }
    }
    return [problem: 'it cannot be parsed', line: 1] as Map<String, Object>
  }

  private void answer(Map<String, Object> what) {
    answers.println(JsonOutput.toJson(what))
    answers.flush()
  }
}
