/** A value as it may be shown: a password inside a connection string never is. */
export const redact = (value: string): string =>
  value
    .replace(/\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']+)/gi, 'password=********')
    .replace(/(\b\w+:\/\/[^:@/\s]*):[^@/\s]*@/g, '$1:********@')
