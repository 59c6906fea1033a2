/** Where the guests have it. */
export const SMALLEST_PROGRAM = '/usr/local/bin/nothing'

/**
 * A program that makes one system call, exit(0), and is linked with nothing: what is left is what starting any program
 * costs. ELF header, one program header, code; x86-64.
 */
export function smallestProgram() {
  const [header, program, base] = [64, 56, 0x400000]
  const code = Buffer.from('b83c00000031ff0f05', 'hex') // mov eax, 60; xor edi, edi; syscall
  const size = header + program + code.length
  const file = Buffer.alloc(size)
  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(2, 16) // executable
  file.writeUInt16LE(62, 18) // x86-64
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(base + header + program), 24) // entry
  file.writeBigUInt64LE(BigInt(header), 32) // where the program headers are
  file.writeUInt16LE(header, 52)
  file.writeUInt16LE(program, 54)
  file.writeUInt16LE(1, 56) // how many of them
  file.writeUInt32LE(1, header) // loaded
  file.writeUInt32LE(5, header + 4) // read, execute
  file.writeBigUInt64LE(BigInt(base), header + 16)
  file.writeBigUInt64LE(BigInt(base), header + 24)
  file.writeBigUInt64LE(BigInt(size), header + 32)
  file.writeBigUInt64LE(BigInt(size), header + 40)
  file.writeBigUInt64LE(0x1000n, header + 48)
  code.copy(file, header + program)
  return file
}
