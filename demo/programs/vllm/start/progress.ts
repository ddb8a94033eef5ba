/** One state of vLLM's checkpoint bar, e.g. `Loading …:  56% Completed | 5/9 [00:13<00:11,  2.87s/it]`. */
export function checkpointBar(title: string, done: number, total: number, seconds: number): string {
  const percent = String(Math.floor((100 * done) / total)).padStart(3)
  return `${title}: ${percent}% Completed | ${done}/${total} [${timing(done, total, seconds)}]`
}

/** One state of an ordinary tqdm bar, e.g. `Capturing …:  50%|█████     | 5/10 [00:02<00:02,  2.10it/s]`. */
export function tqdmBar(title: string, done: number, total: number, seconds: number): string {
  const filled = Math.floor((10 * done) / total)
  const percent = String(Math.floor((100 * done) / total)).padStart(3)
  return `${title}: ${percent}%|${'█'.repeat(filled)}${' '.repeat(10 - filled)}| ${done}/${total} [${timing(done, total, seconds)}]`
}

function timing(done: number, total: number, seconds: number): string {
  if (done === 0) return '00:00<?, ?it/s'
  const each = seconds / done
  const rate =
    each > 1 ? `${each.toFixed(2).padStart(5)}s/it` : `${(1 / Math.max(each, 1e-3)).toFixed(2).padStart(5)}it/s`
  return `${clock(seconds)}<${clock(each * (total - done))}, ${rate}`
}

function clock(seconds: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${two(seconds / 60)}:${two(seconds % 60)}`
}
