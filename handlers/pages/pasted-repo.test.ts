import { expect, test } from 'bun:test'
import { pastedRepo } from './pasted-repo'

test.each([
  ['Qwen/Qwen3-8B', 'Qwen/Qwen3-8B'],
  [' Qwen/Qwen3-8B/ ', 'Qwen/Qwen3-8B'],
  ['https://huggingface.co/Qwen/Qwen3-8B', 'Qwen/Qwen3-8B'],
  ['https://huggingface.co/Qwen/Qwen3-8B/tree/main?x=1#files', 'Qwen/Qwen3-8B'],
  ['hf.co/Qwen/Qwen3-8B', 'hf.co/Qwen/Qwen3-8B'],
  ['http://www.hf.co/Qwen/Qwen3-8B', 'Qwen/Qwen3-8B'],
  ['https://example.org/Qwen/Qwen3-8B', 'https://example.org/Qwen/Qwen3-8B'],
  ['foo', 'foo'],
])('pastedRepo() reads %p as %p', (text, repo) => {
  expect(pastedRepo(text)).toBe(repo)
})
