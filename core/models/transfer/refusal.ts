/** A transfer that is not begun, with what to tell whoever asked. */
export class TransferRefusal extends Error {
  override name = 'TransferRefusal'
  constructor(
    /** `model_loaded`, `swap_running`, `download_running`, … */
    readonly code: string,
    message: string,
    /** What helps: `job`, `service`. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(message)
  }
}
