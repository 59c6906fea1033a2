/**
 * Where the kernel has a setting. The separator that comes first in a name counts as such, and the other one is the other
 * one in the path (sysctl.d(5)): net.ipv4.conf.eth0/100.forwarding is of eth0.100, and so is net/ipv4/conf/eth0.100/forwarding.
 */
export function pathOf(name: string): string {
  const other: Record<string, string> = { '.': '/', '/': '.' }
  const path = /^[^/]*\./.test(name) ? name.replace(/[./]/g, (one) => other[one]!) : name
  return `/proc/sys/${path}`
}

/** Whether a name is one: a path from it stays below /proc/sys. */
export const isName = (name: string): boolean =>
  /^[^\s#;=*?[\]\0-][^\s=*?[\]\0]*$/.test(name) &&
  pathOf(name)
    .split('/')
    .slice(1)
    .every((part) => !/^\.{0,2}$/.test(part))

/** The kernel puts tabs between numbers, people put spaces: these are the same. */
export const oneLine = (value: string): string => value.trim().replace(/\s+/g, ' ')
