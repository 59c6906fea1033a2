/** One command's share of a stream: `data` as it comes, then `end` with its exit code. */
export interface Frame {
  marker: Buffer
  data(part: Buffer): void
  end(code: number): void
}

/**
 * Cuts the stream of a persistent shell into the shares of its commands. A share ends with the command's marker,
 * its exit code in decimal and a newline. Chunks may be cut anywhere; bytes may hold anything but the marker,
 * which is random and known to nobody else.
 */
export class FrameReader {
  private readonly frames: Frame[] = []
  private held: Buffer = Buffer.alloc(0)

  expect(frame: Frame): void {
    this.frames.push(frame)
  }

  push(chunk: Buffer): void {
    let data = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk
    this.held = Buffer.alloc(0)
    for (let frame = this.frames[0]; frame; frame = this.frames[0]) {
      const at = data.indexOf(frame.marker)
      const stop = at < 0 ? -1 : data.indexOf(10, at + frame.marker.length)
      if (stop < 0) {
        const keep = at < 0 ? startOfMarker(data, frame.marker) : at
        if (keep > 0) frame.data(data.subarray(0, keep))
        this.held = data.subarray(keep)
        return
      }
      this.frames.shift()
      if (at > 0) frame.data(data.subarray(0, at))
      frame.end(Number(data.toString('latin1', at + frame.marker.length, stop)))
      data = data.subarray(stop + 1)
    }
    // What comes while no command runs is of processes left in the background; it belongs to no result.
  }

  /** What the running command has said that might have been the start of its marker. */
  rest(): Buffer {
    return this.held
  }
}

/** Where the last bytes may be the marker's first ones, so that nothing is passed on too early. */
function startOfMarker(data: Buffer, marker: Buffer): number {
  const from = Math.max(0, data.length - marker.length + 1)
  for (let at = data.indexOf(marker[0]!, from); at >= 0; at = data.indexOf(marker[0]!, at + 1)) {
    if (marker.subarray(0, data.length - at).equals(data.subarray(at))) return at
  }
  return data.length
}
