/** What takes away what a host has left behind that is not in the inventory any more. */
export const removeHost = (host: string): string =>
  `play playbooks/remove-host.yaml -i INVENTORY -e host=${host} -e host_is_lost=true`
