import { type CodeNarcRules, inGroup } from './rule.ts'

/** What is likely to do something else than its author meant, or nothing. */
export const rulesOfLogic = {
  ...inGroup('basic', {
    AssignmentInConditional: ['warning', 'A condition assigns.', 'Compare with ==, or assign before the condition.'],
    BigDecimalInstantiation: [
      'warning',
      'A BigDecimal is made of a floating-point number and gets its digits of error.',
      'Make it of text.',
    ],
    BitwiseOperatorInConditional: [
      'warning',
      'A condition uses & or |, which evaluate both sides.',
      'Use && or ||, unless both sides must be evaluated.',
    ],
    BooleanGetBoolean: [
      'warning',
      'Boolean.getBoolean reads a system property.',
      'Use Boolean.parseBoolean to read text.',
    ],
    BrokenNullCheck: ['warning', 'A check for null fails on null, or can never hold.', 'Turn && and || around.'],
    BrokenOddnessCheck: ['info', 'A check for odd numbers fails for negative ones.', 'Compare with != 0.'],
    ComparisonOfTwoConstants: ['warning', 'Two constants are compared.', 'Compare a variable, or take the check out.'],
    ComparisonWithSelf: ['warning', 'A value is compared with itself.', 'Compare it with what was meant.'],
    ConstantIfExpression: ['warning', 'A condition is a constant.', 'Take the condition out, or write what was meant.'],
    ConstantTernaryExpression: ['warning', 'The condition of ?: is a constant.', 'Leave the side that counts.'],
    DeadCode: ['warning', 'What stands after a return or throw never runs.', 'Take it out, or move it before.'],
    DoubleNegative: ['info', 'A value is negated twice.', 'Leave both out; in Groovy, as Boolean makes one.'],
    DuplicateCaseStatement: ['warning', 'A switch has a case twice.', 'Take the second out, or correct its value.'],
    DuplicateMapKey: ['warning', 'A map has a key twice; the later value counts.', 'Take one out, or correct its key.'],
    DuplicateSetValue: ['warning', 'A set has a value twice.', 'Take one out, or correct it.'],
    EmptyElseBlock: ['info', 'An else block is empty.', 'Take it out, or write what was meant.'],
    EmptyFinallyBlock: ['info', 'A finally block is empty.', 'Take it out.'],
    EmptyForStatement: ['warning', 'A loop does nothing.', 'Take it out, or write what was meant.'],
    EmptyIfStatement: ['warning', 'An if block is empty.', 'Turn the condition around, or write what was meant.'],
    EmptySwitchStatement: ['warning', 'A switch is empty.', 'Take it out.'],
    EmptySynchronizedStatement: ['warning', 'A synchronized block is empty.', 'Take it out.'],
    EmptyTryBlock: ['warning', 'A try block is empty.', 'Take it out, or write what was meant.'],
    EmptyWhileStatement: [
      'warning',
      'A loop does nothing while it waits.',
      'Write what was meant; do not wait in scripts.',
    ],
    EqualsAndHashCode: [
      'warning',
      'A class has only one of equals and hashCode.',
      'Write both, or use @EqualsAndHashCode.',
    ],
    EqualsOverloaded: ['warning', 'A method equals does not take one Object.', 'Let it take an Object.'],
    IntegerGetInteger: ['warning', 'Integer.getInteger reads a system property.', 'Use Integer.parseInt to read text.'],
    MultipleUnaryOperators: ['warning', 'Several signs stand before a value.', 'Leave the one that was meant.'],
    ParameterAssignmentInFilterClosure: ['warning', 'A filter assigns to its parameter.', 'Compare with ==.'],
    RandomDoubleCoercedToZero: [
      'warning',
      'A random number below 1 becomes the integer 0.',
      'Use nextInt with a bound.',
    ],
    RemoveAllOnSelf: ['warning', 'A collection removes itself.', 'Use clear, or name the other collection.'],
  }),
  ...inGroup('groovyism', {
    AssignCollectionSort: ['warning', 'sort changes the list that it is called on.', 'Use sort(false), or toSorted.'],
    AssignCollectionUnique: [
      'warning',
      'unique changes the list that it is called on.',
      'Use unique(false), or toUnique.',
    ],
    ConfusingMultipleReturns: [
      'warning',
      'def a, b = [..] gives the list to b alone.',
      'Put the names into parentheses: def (a, b) = [..].',
    ],
    GStringAsMapKey: [
      'warning',
      'A text with ${..} is a key of a map and is not found as a String.',
      'Put the key into parentheses and call toString on it.',
    ],
  }),
  ...inGroup('convention', {
    LongLiteralWithLowerCaseL: ['info', 'A number ends in l, which looks like 1.', 'Write L.'],
  }),
  ...inGroup('design', {
    BooleanMethodReturnsNull: ['warning', 'A method for a Boolean may give null.', 'Return false.'],
    SimpleDateFormatMissingLocale: [
      'info',
      'A date is formatted in the language of the machine.',
      'Give SimpleDateFormat a Locale, so that names of days and months stay the same.',
    ],
    ToStringReturnsNull: ['warning', 'toString may give null.', 'Return a text.'],
  }),
  ...inGroup('imports', {
    DuplicateImport: ['info', 'A class is imported twice.', 'Take one line out.'],
    ImportFromSunPackages: [
      'warning',
      'A class of the runtime that nobody promised is imported.',
      'Use a class of the Java library, such as java.util.Base64.',
    ],
  }),
  ...inGroup('unnecessary', {
    UnnecessaryBooleanExpression: ['info', 'A constant decides a condition.', 'Take the constant out.'],
    UnnecessaryCatchBlock: ['info', 'An exception is caught only to be thrown.', 'Take the catch out.'],
    UnnecessaryCollectionCall: ['warning', 'A collection is asked for itself.', 'Name the other collection.'],
    UnnecessaryInstanceOfCheck: ['warning', 'The check of a type always holds, or never.', 'Correct it.'],
    UnnecessaryModOne: ['warning', 'x % 1 is always 0.', 'Write the divisor that was meant.'],
    UnnecessarySelfAssignment: ['warning', 'A variable is assigned to itself.', 'Take it out, or correct it.'],
  }),
  ...inGroup('unused', {
    UnusedArray: ['info', 'An array is made and not used.', 'Take it out.'],
    UnusedPrivateField: ['info', 'A private field is not used.', 'Take it out.'],
    UnusedPrivateMethod: ['info', 'A private method is not used.', 'Take it out.'],
    UnusedVariable: ['info', 'A variable is not used.', 'Take it out: what it reads, such as a body, costs time.'],
  }),
} as const satisfies CodeNarcRules
