#!/bin/sh
# Makes a signed SAML 2.0 bearer assertion with openssl alone, and prints it as base64url.
# Usage: saml-sender.sh key.pem cert.pem issuer user audience token-endpoint
# The XML is written in its canonical form (exclusive C14N) from the start, so no XML tool is needed:
#   - every element has an end tag, attributes stand in the order of their names, namespaces first
#   - no line ends and blanks between elements, UTF-8, & < > in texts as &amp; &lt; &gt;
set -eu
key=$1 cert=$2 issuer=$3 user=$4 audience=$5 recipient=$6

now=$(date -u +%s)
at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }
begin=$(at $((now - 60)))
end=$(at $((now + 300)))
id="_$(openssl rand -hex 16)"
text() { printf %s "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }
quoted() { text "$1" | sed 's/&gt;/>/g; s/"/\&quot;/g'; } # an attribute keeps its >

# 1. The assertion, before and after the place of the signature.
open="<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"$id\" IssueInstant=\"$begin\" Version=\"2.0\"><saml:Issuer>$(text "$issuer")</saml:Issuer>"
close="<saml:Subject><saml:NameID>$(text "$user")</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData NotOnOrAfter=\"$end\" Recipient=\"$(quoted "$recipient")\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"$begin\" NotOnOrAfter=\"$end\"><saml:AudienceRestriction><saml:Audience>$(text "$audience")</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>"

# 2. The digest: SHA-256 of the canonical assertion without its signature, in base64.
digest=$(printf %s "$open$close" | openssl dgst -sha256 -binary | openssl base64 -A)

# 3. SignedInfo, in canonical form as well: it declares its namespace itself.
dsig=http://www.w3.org/2000/09/xmldsig#
c14n=http://www.w3.org/2001/10/xml-exc-c14n#
info="<ds:SignedInfo xmlns:ds=\"$dsig\"><ds:CanonicalizationMethod Algorithm=\"$c14n\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod><ds:Reference URI=\"#$id\"><ds:Transforms><ds:Transform Algorithm=\"${dsig}enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"$c14n\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>$digest</ds:DigestValue></ds:Reference></ds:SignedInfo>"

# 4. The signature: RSA with SHA-256 of the canonical SignedInfo, in base64.
signature=$(printf %s "$info" | openssl dgst -sha256 -sign "$key" | openssl base64 -A)
certificate=$(openssl x509 -in "$cert" -outform DER | openssl base64 -A)

# 5. All together, encoded once.
printf %s "$open<ds:Signature xmlns:ds=\"$dsig\">$info<ds:SignatureValue>$signature</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>$certificate</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>$close" |
  openssl base64 -A | tr '+/' '-_' | tr -d '='
echo
