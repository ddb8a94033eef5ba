import { expect, test } from 'bun:test'
import { typed } from './typed'

test('typed() leaves the home for the shell to find, and quotes all else', () => {
  const argv = ['docker', 'run', '-v', '~/.cache/hf:/cache', '~/my folder', 'image', '~/as-written', '{"a": 1}']
  expect(typed(argv, 5)).toBe("docker run -v ~/.cache/hf:/cache ~/'my folder' image '~/as-written' '{\"a\": 1}'")
})
