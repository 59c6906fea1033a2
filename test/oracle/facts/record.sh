#!/bin/sh
# Asks Ansible's setup and the reader of play for the facts of one machine, and writes recorded.json, which the test compares:
#   test/oracle/facts/record.sh FOLDER     # that holds the Python packages of ansible-core; as root, Linux
# The machine is this one with a network, a name and files of its own.
set -eu
here=$(dirname "$0")
export PYTHONPATH="$1" NODE="$(command -v node)" PYTHON="$(readlink -f "$(python3 -c 'import sys; print(sys.executable)')")" HERE="$here"
exec unshare --mount --net --uts sh -euc '
  hostname db1
  files=$(mktemp -d)
  mount -t tmpfs -o size=1M files "$files"
  over() { cat >"$files/$(basename "$1")" && mount --bind "$files/$(basename "$1")" "$1"; }
  printf "127.0.0.1 localhost\n10.9.8.7 db1.example.org db1 # this one\n" | over /etc/hosts
  printf "# by hand\nsearch example.org lan\nnameserver 10.9.8.1\nnameserver fd00:1::1\noptions ndots:2 rotate\n" | over /etc/resolv.conf
  printf "0123456789abcdef0123456789abcdef\n" | over /etc/machine-id
  [ ! -e /var/lib/dbus/machine-id ] || mount --bind "$files/machine-id" /var/lib/dbus/machine-id
  printf "root=/dev/vda1 ro quiet console=tty0 opt=\"a b\" x=y=z\n" | over /proc/cmdline
  mkdir -p /etc/ansible && mount -t tmpfs facts /etc/ansible && mkdir /etc/ansible/facts.d
  printf "{\"a\": [1, null]}" >/etc/ansible/facts.d/json.fact
  printf "; a word\n[Main]\nKey = v = 1\nother: 2\n[empty]\n" >/etc/ansible/facts.d/ini.fact
  chmod 644 /etc/ansible/facts.d/*
  mount -t sysfs sysfs /sys
  ip link set lo up
  ip link add eth0 type veth peer name port-1
  ip link add br-lan type bridge
  ip link set port-1 master br-lan
  ip link set eth0 mtu 1400 address 02:00:00:00:00:01 up
  ip link set port-1 up
  ip addr add 10.9.8.7/24 brd + dev eth0
  ip addr add 10.9.8.8/24 dev eth0
  ip addr add 10.9.9.1/26 label eth0:1 dev eth0
  ip addr add fd00:1::7/64 dev eth0 nodad
  ip addr add 10.9.7.1/16 dev br-lan
  ip route add default via 10.9.8.1
  ip -6 route add default via fd00:1::1
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 TZ=America/St_Johns \
    PYTHON="$PYTHON" PYTHONPATH="$PYTHONPATH" "$NODE" --import tsx "$HERE/run.ts"
'
