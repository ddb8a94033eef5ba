import { createEmbedderApi } from '../embedder/api'
import { runService } from '../service'

const { handle, work } = createEmbedderApi()
await runService({ name: 'embedder', bytes: 2.6e9, probe: '/health', handle, work: () => work(1) })
