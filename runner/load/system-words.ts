const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EEXIST: 'is there already',
  ENOSPC: 'has no room on its disk',
  EDQUOT: 'has no room on its disk',
  EROFS: 'is on a disk that is read only',
  ENAMETOOLONG: 'has too long a name',
  ELOOP: 'is a link that leads to itself',
  ECONNREFUSED: 'nothing answers there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the host cut the connection',
}

/** What the operating system's code of an error means, as the end of a sentence. undefined for one that is rare. */
export const wordsOf = (code: string | undefined): string | undefined =>
  code !== undefined && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined

/** @returns the code of an error of the operating system; undefined for any other error */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined
