/** Runs a program to its end; its stdout. @throws {Error} with what it said on stderr */
export async function command(argv: string[], { input = '' }: { input?: string } = {}): Promise<string> {
  const child = Bun.spawn(argv, { stdin: Buffer.from(input), stdout: 'pipe', stderr: 'pipe' })
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if (code !== 0) throw new Error(`${argv.slice(0, 6).join(' ')}: ended with ${code}; it said: ${err.trim()}`)
  return out
}
