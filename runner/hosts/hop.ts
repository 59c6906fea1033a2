/** `user@host:port`, as ProxyJump names a machine on the way; a host with colons stands in brackets (ssh_config(5)). */
export function hopOf(text: string): { user?: string; host?: string; port?: string } {
  const at = text.lastIndexOf('@')
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text.slice(at + 1)) ?? []
  return { user: at < 0 ? undefined : text.slice(0, at), host: bracketed ?? plain, port }
}
