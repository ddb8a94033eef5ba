import type { ScheduleView } from '../../core/coordination/schedules'
import type { DeliveryView } from '../../core/webhooks/delivery'
import type { Html } from '../html'
import { now, sampleData, sampleOccurrence } from '../page-data.sample'
import { coordinationGuidePage } from './coordination-guide'
import { makeRoomPage } from './make-room'
import { releaseLockPage } from './release-lock'
import { schedulesPage } from './schedules'
import { webhooksPage } from './webhooks'

/** An invented schedule of every night. */
export function sampleSchedule(changes: Partial<ScheduleView> = {}): ScheduleView {
  return {
    id: 'schedule-1',
    owner: 'nightly',
    title: 'Summaries of the day',
    recipe: 'gpt-oss-120b',
    cron: '30 2 * * *',
    at: null,
    timezone: 'Europe/Berlin',
    duration_s: 3600,
    created_at: now,
    updated_at: now,
    next: ['2026-02-01T01:30:00Z', '2026-02-02T01:30:00Z'],
    overlaps: [],
    ...changes,
  }
}

/** An invented message that arrived. */
export function sampleDelivery(changes: Partial<DeliveryView> = {}): DeliveryView {
  return {
    id: 'delivery-1',
    message: 'msg_1',
    type: 'swap_complete',
    sequence: 1,
    at: '2026-01-31T14:05:00Z',
    url: 'http://192.0.2.20:9000/spark',
    state: 'delivered',
    reason: null,
    attempts: [{ at: '2026-01-31T14:05:00Z', status: 204, ms: 12, error: null, next_at: null }],
    next_at: null,
    ...changes,
  }
}

/** Every page of coordination with one word in every text that comes from elsewhere. */
export const coordinationPages: Record<string, (word: string) => Html> = {
  schedules: (word) =>
    schedulesPage(
      {
        schedules: [wordySchedule(word), wordySchedule(word, { id: 'schedule-2', cron: word, overlaps: [word] })],
        zone: word,
        refused: null,
      },
      sampleData({ calendar: [sampleOccurrence({ owner: word, title: word, recipe: word, overlaps: [word] })] }),
    ),
  'schedules, refused': (word) =>
    schedulesPage(
      { schedules: [], zone: word, refused: { typed: { title: word, cron: word, timezone: word }, problem: word } },
      sampleData(),
    ),
  webhooks: (word) =>
    webhooksPage(
      {
        targets: [{ url: word, secret: word, events: [word], obstacle: { text: word, remedy: word } }],
        deliveries: [
          sampleDelivery({
            type: word,
            url: word,
            state: 'waiting',
            reason: word,
            attempts: [{ at: now, status: null, ms: 3000, error: word, next_at: null }],
          }),
        ],
      },
      sampleData({ name: word }),
    ),
  guide: (word) => coordinationGuidePage('# Sharing\n\nWith <b>no</b> markup.', sampleData({ name: word })),
  'release the lock': (word) =>
    releaseLockPage(sampleData({}, { lock: { holder: word, reason: word, expires_at: now } })),
  'make room': (word) =>
    makeRoomPage(
      { recipe: word, service: word, ends: [{ service: word, model: word }], eta_s: 200 },
      sampleData({ requests: { [word]: 2 } }),
    ),
}

function wordySchedule(word: string, changes: Partial<ScheduleView> = {}): ScheduleView {
  return sampleSchedule({ owner: word, title: word, recipe: word, timezone: word, ...changes })
}
