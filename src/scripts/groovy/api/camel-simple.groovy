package org.apache.camel.builder

import org.apache.camel.Exchange

import java.util.regex.Matcher

/** A Simple expression over headers, properties, body and ids of the message. */
class SimpleBuilder {
  private final String text

  SimpleBuilder(String text) { this.text = text }

  static SimpleBuilder simple(String text) { new SimpleBuilder(text) }

  def <T> T evaluate(Exchange exchange, Class<T> type) {
    Matcher matcher = text =~ /\$\{([^{}]*)\}/
    StringBuffer made = new StringBuffer()
    while (matcher.find()) {
      Object value = valueOf(matcher.group(1).trim(), exchange)
      matcher.appendReplacement(made, Matcher.quoteReplacement(value == null ? '' : sluice.host.Values.textOf(value)))
    }
    matcher.appendTail(made)
    (T) sluice.host.Conversions.convert(made.toString(), type, java.nio.charset.StandardCharsets.UTF_8)
  }

  private static Object valueOf(String name, Exchange exchange) {
    for (String prefix : ['header.', 'headers.', 'in.header.', 'in.headers.']) {
      if (name.startsWith(prefix)) return exchange.getIn().getHeader(name.substring(prefix.length()))
    }
    for (String prefix : ['property.', 'exchangeProperty.']) {
      if (name.startsWith(prefix)) return exchange.getProperty(name.substring(prefix.length()))
    }
    switch (name) {
      case 'body': case 'in.body': return exchange.getIn().getBody(String)
      case 'exchangeId': case 'id': return exchange.getExchangeId()
      case 'camelId': return exchange.getContext().name
      default: throw new IllegalArgumentException("The expression '${name}' is not available to scripts.".toString())
    }
  }
}
