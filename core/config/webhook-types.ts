/** The types of event that webhooks tell of. */
export const webhookTypes = [
  'swap_started',
  'swap_complete',
  'swap_failed',
  'host_down',
  'host_up',
  'service_down',
  'service_up',
] as const
export type WebhookType = (typeof webhookTypes)[number]
