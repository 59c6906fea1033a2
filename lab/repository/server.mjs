// server.mjs [--label...] ADDRESS PORT /PREFIX=FOLDER...
// Serves the lab's package repository: files below each folder, read only, with what apt asks of HTTP.
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, normalize, sep } from 'node:path'

const [address, port, ...mounts] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const folders = new Map(
  await Promise.all(
    mounts.map(async (mount) => {
      const [prefix, folder] = mount.split('=')
      return [prefix, await realpath(folder)]
    }),
  ),
)

createServer((request, response) => {
  answer(request, response).catch(() => {
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
}).listen(Number(port), address)

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
  const path = await find(request.url)
  const info = path && (await stat(path).catch(() => undefined))
  if (!info?.isFile()) return refuse(response, 404)

  const modified = info.mtime.toUTCString()
  const etag = `"${info.size.toString(16)}-${Math.trunc(info.mtimeMs).toString(16)}"`
  const headers = { 'Last-Modified': modified, ETag: etag, 'Content-Type': 'application/octet-stream' }
  if (isCurrent(request.headers, etag, info.mtimeMs)) {
    response.writeHead(304, headers)
    return response.end()
  }
  response.writeHead(200, { ...headers, 'Content-Length': info.size })
  if (request.method === 'HEAD') return response.end()
  createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response)
}

// The file that the URL names, or undefined; never one outside the folders.
async function find(url) {
  let decoded
  try {
    decoded = normalize(decodeURIComponent(new URL(url, 'http://lab').pathname))
  } catch {
    return undefined
  }
  for (const [prefix, folder] of folders) {
    if (!decoded.startsWith(`${prefix}/`)) continue
    const path = await realpath(join(folder, decoded.slice(prefix.length))).catch(() => undefined)
    return path?.startsWith(folder + sep) ? path : undefined
  }
  return undefined
}

function isCurrent(headers, etag, modifiedMs) {
  if (headers['if-none-match']) return headers['if-none-match'] === etag
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Number.isFinite(since) && Math.trunc(modifiedMs / 1000) * 1000 <= since
}

function refuse(response, status) {
  response.writeHead(status, { 'Content-Length': 0 })
  response.end()
}
