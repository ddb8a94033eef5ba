import { GIB, gib } from './budget'
import { checkpointBar } from './progress'
import { CONTEXT_BYTES, engineSpeaker, ranksOf, type Start, type Step, say } from './step'

const BYTES_PER_SECOND = { plain: 2.5e9, fast: 3.5e9 }
const FAST_LOADERS = ['fastsafetensors', 'instanttensor', 'runai_streamer', 'b12x']
/** Claims a shard, so that memory grows smoothly. */
const PARTS = 4

/** The weights of the model, or of its drafter, are read file by file; every rank reads its own share. */
export function* weightsPhase(start: Start, which: 'model' | 'drafter', shards: number[]): Generator<Step> {
  const { launch, speed } = start
  const speaker = engineSpeaker(launch)
  const main = which === 'model'
  const ranks = ranksOf(launch)
  const bytes = sum(shards)
  const before = CONTEXT_BYTES + (main ? 0 : sum(start.model.shards) / ranks)
  const fast = FAST_LOADERS.includes(launch.loader)
  const pace = (fast ? BYTES_PER_SECOND.fast : BYTES_PER_SECOND.plain) * ranks
  const title = fast ? 'Loading safetensors using Fastsafetensor loader' : 'Loading safetensors checkpoint shards'
  const bar = (done: number, read: number): Step => {
    const text = checkpointBar(title, done, shards.length, read / pace / speed)
    return { seconds: 0, print: (log) => log.bar(speaker, text) }
  }
  yield say(
    0.8,
    speaker,
    'gpu_model_runner.py:3808',
    main ? `Starting to load model ${launch.model}...` : 'Loading drafter model...',
  )
  if (main) {
    yield say(0.2, speaker, 'cuda.py:351', 'Using FLASHINFER attention backend.')
    const size = (amount: number) => (amount / GIB).toFixed(2)
    const filesystem = () =>
      `Filesystem type for checkpoints: EXT4. Checkpoint size: ${size(bytes)} GiB. Available RAM: ${size(start.available())} GiB.`
    yield say(0.3, speaker, 'weight_utils.py:710', filesystem)
  }
  let read = 0
  for (const [index, shard] of shards.entries()) {
    yield bar(index, read)
    for (let done = 1; done <= PARTS; done++) {
      const now = read + (shard * done) / PARTS
      yield { seconds: shard / PARTS / pace, claim: before + now / ranks, ...(main ? { loaded: now / bytes } : {}) }
    }
    read += shard
  }
  yield bar(shards.length, read)
  const took = bytes / pace / speed
  yield say(0.1, speaker, 'default_loader.py:384', `Loading weights took ${took.toFixed(2)} seconds`)
  const held = `Model loading took ${gib(bytes / ranks)} GiB memory and ${(took + 1.4 / speed).toFixed(6)} seconds`
  yield say(0.6, speaker, 'gpu_model_runner.py:3905', held)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
