/** What an alert means (RFC 8446, 6.2; RFC 5246, 7.2), by its number. */
export const tlsAlerts: Readonly<Record<number, { readonly name: string; readonly meaning: string }>> = {
  10: { name: 'unexpected_message', meaning: 'it got a message out of order' },
  20: { name: 'bad_record_mac', meaning: 'what it received was damaged on the way' },
  22: { name: 'record_overflow', meaning: 'what it received was too long' },
  40: { name: 'handshake_failure', meaning: 'it accepts none of what was offered' },
  42: { name: 'bad_certificate', meaning: 'it found the certificate damaged or its signature wrong' },
  43: { name: 'unsupported_certificate', meaning: 'it cannot use a certificate of this kind' },
  44: { name: 'certificate_revoked', meaning: 'the certificate was revoked' },
  45: { name: 'certificate_expired', meaning: 'the certificate has expired or is not yet valid' },
  46: { name: 'certificate_unknown', meaning: 'it does not accept the certificate, for a reason it does not give' },
  47: { name: 'illegal_parameter', meaning: 'a value in the handshake was wrong' },
  48: { name: 'unknown_ca', meaning: 'it does not trust the issuer of the certificate' },
  49: { name: 'access_denied', meaning: 'the certificate is valid, but gives no access' },
  50: { name: 'decode_error', meaning: 'it could not read a message of the handshake' },
  51: { name: 'decrypt_error', meaning: 'a signature in the handshake was wrong; key and certificate may not match' },
  70: { name: 'protocol_version', meaning: 'it does not speak the version of TLS' },
  71: { name: 'insufficient_security', meaning: 'it demands stronger ciphers than were offered' },
  80: { name: 'internal_error', meaning: 'it failed itself' },
  86: { name: 'inappropriate_fallback', meaning: 'it took the connection for a downgrade' },
  90: { name: 'user_canceled', meaning: 'it gave up' },
  109: { name: 'missing_extension', meaning: 'it misses a part of the handshake' },
  112: { name: 'unrecognized_name', meaning: 'it serves no host with this name' },
  113: { name: 'bad_certificate_status_response', meaning: 'it could not use the status of the certificate' },
  115: { name: 'unknown_psk_identity', meaning: 'it expects a shared key' },
  116: { name: 'certificate_required', meaning: 'it demands a client certificate' },
  120: { name: 'no_application_protocol', meaning: 'it speaks none of the protocols offered' },
}

/** Alerts by which a server turns down a client certificate. */
export const certificateAlerts: readonly number[] = [42, 43, 44, 45, 46, 48, 49, 51]
