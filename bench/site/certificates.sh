#!/usr/bin/env bash
# certificates.sh FOLDER NETWORK: what tls_certificate does, by hand: an authority in FOLDER (play's, if it was there first),
# and in FOLDER/hosts a key and a certificate for each of the four hosts.
set -euo pipefail
folder=$1 network=$2
umask 077
mkdir -p "$folder/hosts"
if [[ ! -e $folder/ca.crt ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 -subj '/CN=made by hand' \
    -addext basicConstraints=critical,CA:TRUE -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null
fi
for n in 1 2 3 4; do
  host=$folder/hosts/vm$n
  if openssl verify -CAfile "$folder/ca.crt" "$host.crt" &>/dev/null; then continue; fi
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=vm$n" -keyout "$host.key" 2>/dev/null |
    openssl x509 -req -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 15)" -days 1095 \
      -extfile <(echo "subjectAltName=DNS:vm$n,IP:$network.1$n") -out "$host.crt" 2>/dev/null
done
