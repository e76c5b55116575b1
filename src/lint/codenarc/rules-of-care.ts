import { type CodeNarcRules, inGroup } from './rule.ts'

/** What hides errors, or does not stand several messages at once. */
export const rulesOfCare = {
  ...inGroup('basic', {
    AssertWithinFinallyBlock: [
      'warning',
      'An assert in a finally block hides the exception before it.',
      'Move it into the try block.',
    ],
    EmptyCatchBlock: [
      'warning',
      'An exception is caught and nothing is done about it.',
      'Let it fail the message, or write it into the message log.',
    ],
    ExplicitGarbageCollection: ['warning', 'The garbage collector is called.', 'Take the call out.'],
    ReturnFromFinallyBlock: [
      'warning',
      'A return in a finally block hides the exception before it.',
      'Return after it.',
    ],
    ThrowExceptionFromFinallyBlock: [
      'warning',
      'A throw in a finally block hides the exception before it.',
      'Throw in the catch block.',
    ],
  }),
  ...inGroup('exceptions', {
    CatchError: ['warning', 'Errors of the runtime are caught.', 'Catch the exceptions that are expected.'],
    CatchIllegalMonitorStateException: ['warning', 'A broken lock is caught.', 'Correct the lock.'],
    CatchIndexOutOfBoundsException: ['warning', 'A wrong index is caught.', 'Check the index before.'],
    CatchArrayIndexOutOfBoundsException: ['warning', 'A wrong index is caught.', 'Check the index before.'],
    CatchNullPointerException: ['warning', 'A missing value is caught.', 'Check for null before, or use ?.'],
    CatchThrowable: ['warning', 'Everything is caught, and errors of the runtime too.', 'Catch Exception at most.'],
    ConfusingClassNamedException: ['info', 'A class is named as an exception and is none.', 'Name it for what it is.'],
    ExceptionExtendsError: ['warning', 'An exception is an Error.', 'Let it extend Exception.'],
    ExceptionExtendsThrowable: ['warning', 'An exception is a Throwable.', 'Let it extend Exception.'],
    ExceptionNotThrown: ['warning', 'An exception is made and not thrown.', 'Throw it.'],
    MissingNewInThrowStatement: ['warning', 'A throw lacks new.', 'Write throw new ...'],
    ReturnNullFromCatchBlock: [
      'warning',
      'After an exception the result is null, and nobody learns why.',
      'Let it fail the message, or return a value that says so.',
    ],
    SwallowThreadDeath: ['warning', 'The end of a thread is caught.', 'Throw it again.'],
    ThrowError: ['warning', 'An Error is thrown.', 'Throw an exception.'],
    ThrowNullPointerException: ['warning', 'A NullPointerException is thrown.', 'Throw one that says what is missing.'],
    ThrowThrowable: ['warning', 'A Throwable is thrown.', 'Throw an exception.'],
  }),
  ...inGroup('concurrency', {
    BusyWait: ['warning', 'A loop sleeps until something happens.', 'Do not wait in scripts: use a step of the flow.'],
    DoubleCheckedLocking: ['warning', 'A value is made once with a check that two threads may pass.', 'Use @Lazy.'],
    InconsistentPropertySynchronization: [
      'warning',
      'Only one of reading and writing a property is synchronized.',
      'Synchronize both.',
    ],
    NestedSynchronization: ['warning', 'A lock is taken inside of another.', 'Take one lock only.'],
    StaticCalendarField: ['warning', 'A Calendar is shared by all messages.', 'Make one where it is used.'],
    StaticConnection: ['warning', 'A connection is shared by all messages.', 'Use a receiver channel.'],
    StaticDateFormatField: ['warning', 'A DateFormat is shared by all messages.', 'Use DateTimeFormatter.'],
    StaticMatcherField: ['warning', 'A Matcher is shared by all messages.', 'Share the Pattern.'],
    StaticSimpleDateFormatField: ['warning', 'A SimpleDateFormat is shared by all messages.', 'Use DateTimeFormatter.'],
    SynchronizedOnBoxedPrimitive: ['warning', 'The lock is a number that others share.', 'Use an Object of its own.'],
    SynchronizedOnGetClass: ['warning', 'The lock is getClass(), another one in subclasses.', 'Name the class.'],
    SynchronizedOnReentrantLock: ['warning', 'A Lock is used with synchronized.', 'Call lock and unlock.'],
    SynchronizedOnString: ['warning', 'The lock is a text that others share.', 'Use an Object of its own.'],
    ThreadGroup: ['warning', 'A ThreadGroup is used.', 'Start no threads in scripts.'],
    ThreadLocalNotStaticFinal: ['warning', 'A ThreadLocal is not static and final.', 'Make it so.'],
    ThreadYield: ['warning', 'Thread.yield does nothing one can rely on.', 'Take it out.'],
    UseOfNotifyMethod: ['warning', 'notify wakes one thread, perhaps the wrong one.', 'Use notifyAll.'],
    VolatileArrayField: ['warning', 'Only the array is volatile, not what it holds.', 'Use an AtomicReferenceArray.'],
    WaitOutsideOfWhileLoop: ['warning', 'wait may return early.', 'Wait in a loop that checks why.'],
  }),
  ...inGroup('design', {
    AssignmentToStaticFieldFromInstanceMethod: [
      'warning',
      'A method changes a value that all messages share.',
      'Keep it in a property of the message.',
    ],
    LocaleSetDefault: ['warning', 'The language of all scripts is changed.', 'Give the Locale where it is needed.'],
  }),
  ...inGroup('jdbc', {
    DirectConnectionManagement: ['warning', 'A script opens a database.', 'Use a JDBC receiver channel.'],
  }),
  ...inGroup('logging', {
    LoggingSwallowsStacktrace: ['info', 'An exception is logged without its place.', 'Give it as second argument.'],
    PrintStackTrace: ['info', 'An exception is printed.', 'Write it into the message log.'],
  }),
  ...inGroup('security', {
    InsecureRandom: ['warning', 'Random numbers can be foreseen.', 'Use SecureRandom for keys, nonces and tokens.'],
    ObjectFinalize: ['warning', 'finalize is called or written.', 'Close things with withCloseable.'],
  }),
} as const satisfies CodeNarcRules
