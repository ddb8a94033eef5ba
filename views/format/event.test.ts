import { expect, test } from 'bun:test'
import { sampleEvent } from '../page-data.sample'
import { eventText, isRecovery } from './event'

test.each([
  [sampleEvent(), 'was unreachable for 14 s'],
  [sampleEvent({ ended_at: null, duration_s: null }), 'has been unreachable'],
  [sampleEvent({ duration_s: 0.4 }), 'was unreachable for a moment'],
  [sampleEvent({ state: 'unresponsive', duration_s: 125 }), 'did not respond for 2 min 5 s'],
  [sampleEvent({ state: 'of-a-later-version' }), 'was of-a-later-version for 14 s'],
  [sampleEvent({ state: null, type: 'action', text: 'llm was restarted' }), 'llm was restarted'],
])('eventText() of %o is %p', (event, text) => {
  expect(eventText(event)).toBe(text)
})

test('isRecovery() is what the entry of the trouble tells already, and nothing else', () => {
  expect(isRecovery(sampleEvent({ from: 'unreachable', state: 'up', ended_at: null }))).toBe(true)
  expect(isRecovery(sampleEvent({ from: 'starting', state: 'up' }))).toBe(true)
  expect(isRecovery(sampleEvent({ from: 'starting', state: 'up', ended_at: null }))).toBe(false)
  expect(isRecovery(sampleEvent())).toBe(false)
  expect(isRecovery(sampleEvent({ state: null, type: 'restart', text: 'x' }))).toBe(false)
})
