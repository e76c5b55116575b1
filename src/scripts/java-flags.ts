import type { Java } from './java.ts'

/** Options of the Java runtime for a script host with a heap of so many MiB. */
export const javaFlags = (java: Java, maxHeapMb: number): readonly string[] => [
  `-Xmx${maxHeapMb}m`,
  '-Xms16m',
  '-Xss1m',
  '-XX:MaxMetaspaceSize=192m',
  '-XX:MaxDirectMemorySize=16m',
  '-XX:ReservedCodeCacheSize=96m',
  '-XX:+UseSerialGC',
  '-XX:MinHeapFreeRatio=20',
  '-XX:MaxHeapFreeRatio=40',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  '-XX:+DisableAttachMechanism',
  '-Xshare:auto',
  // The standard output belongs to frames: whatever the JVM itself has to say goes to the standard error.
  '-Xlog:disable',
  '-Xlog:all=error:stderr',
  '-XX:+DisplayVMOutputToStderr',
  '-XX:+ErrorFileToStderr',
  '-XX:-CreateCoredumpOnCrash',
  '-Dfile.encoding=UTF-8',
  '-Duser.timezone=UTC',
  '-Duser.language=en',
  '-Duser.country=US',
  '-Djava.awt.headless=true',
  '-Dgroovy.grape.enable=false',
  // XML parsers of scripts load nothing from outside.
  '-Djavax.xml.accessExternalDTD=',
  '-Djavax.xml.accessExternalSchema=',
  '-Djavax.xml.accessExternalStylesheet=',
  // Java 12 to 23 need to be told that the guard may be set; earlier and later ones do not know the word.
  ...(java.version >= 12 && java.version < 24 ? ['-Djava.security.manager=allow'] : []),
]
