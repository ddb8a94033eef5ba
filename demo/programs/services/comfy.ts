import { createComfyApi } from '../comfy/api'
import { runService } from '../service'

await runService({
  name: 'comfyui',
  bytes: 1.4e9,
  probe: '/system_stats',
  handle: createComfyApi().handle,
  work: () => {},
})
