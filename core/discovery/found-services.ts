import type { FoundEngine, FoundSpark } from './found'
import { scalar } from './scalar'
import { type Template, templateOf } from './templates'

/** One entry of `services:`; values are YAML text. */
export interface ServiceEntry {
  id: string
  /** Why it stands there, for the comment above it. */
  why: string
  fields: [key: string, value: string][]
}

/** What to declare for what answers: the model service first, then one entry a port. */
export function foundServices(sparks: FoundSpark[], kinds: readonly string[]): ServiceEntry[] {
  const taken = {
    ids: new Set<string>(),
    ports: new Set<string>(),
    paths: new Set<string>(),
    models: new Set<string>(),
  }
  const model = modelService(sparks)
  const entries: ServiceEntry[] = []
  if (model) {
    taken.ids.add('llm')
    taken.ports.add(model.place)
    entries.push(model.entry)
  }
  for (const spark of sparks) {
    for (const engine of spark.seen?.engines ?? []) {
      const place = `${placeOf(spark)}:${engine.port}`
      if (engine === model?.engine || taken.ports.has(place)) continue
      taken.ports.add(place)
      const entry = httpService(spark, engine, templateOf(engine, kinds))
      if (entry) entries.push(entry)
    }
  }
  return entries

  function httpService({ id: host }: FoundSpark, engine: FoundEngine, template: Template | null): ServiceEntry | null {
    if (!template) return null
    const { port, container, recognised } = engine
    const id = free(template.id)
    const own = recognised.models.find((each) => /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,191}$/.test(each))
    const named = template.named && own !== undefined && !taken.models.has(own) ? own : null
    if (named !== null) taken.models.add(named)
    const routes = template.routes.filter(({ path }) => (template.named ? named !== null : !taken.paths.has(path)))
    for (const { path } of routes) taken.paths.add(path)
    return {
      id,
      why: whyOf(engine),
      fields: [
        ['kind', template.kind],
        ['host', host],
        ['port', String(port)],
        ...containerField(container?.name),
        ['title', template.title],
        ...(named === null ? [] : [['model', scalar(named)] as [string, string]]),
        ...(template.offers && (named !== null || !template.named)
          ? [['offers', `[${template.offers}]`] as [string, string]]
          : []),
        ...(template.probe ? [['probe', `{ path: ${template.probe} }`] as [string, string]] : []),
        ...(routes.length > 0 ? [['routes', routeList(routes)] as [string, string]] : []),
        ...(template.facts ? [['facts', template.facts] as [string, string]] : []),
      ],
    }
  }

  function free(wanted: string): string {
    let id = wanted
    for (let n = 2; taken.ids.has(id); n++) id = `${wanted}-${n}`
    taken.ids.add(id)
    return id
  }
}

// Kind vllm's own.
const usualPort = 8888

/** The vLLM that the launcher runs, or the place where it would: only where a launcher is, models can be swapped. */
function modelService(sparks: FoundSpark[]): { entry: ServiceEntry; engine: FoundEngine | null; place: string } | null {
  const heads = sparks.filter(({ seen }) => seen?.launcher)
  const running = heads.flatMap((spark) =>
    (spark.seen?.engines ?? [])
      .filter(({ recognised }) => recognised.engine === 'vllm')
      .map((engine) => ({ spark, engine })),
  )
  const chosen =
    running.find(({ engine }) => /vllm[-_]node/.test(`${engine.container?.name} ${engine.container?.image}`)) ??
    running[0]
  const head = chosen?.spark ?? heads[0]
  if (!head) return null
  const workers = sparks.filter((spark) => spark !== head && linked(head, spark))
  const why = chosen
    ? `${whyOf(chosen.engine)}; the launcher in ${head.seen?.launcher} swaps its model`
    : `no model is loaded now; the launcher in ${head.seen?.launcher} loads one on a click`
  const span = workers.length > 0 ? '. Head first; the others take part when a model needs more than one Spark' : ''
  const fields: [string, string][] = [
    ['kind', 'vllm'],
    ['hosts', `[${[head, ...workers].map(({ id }) => id).join(', ')}]`],
    ...(chosen ? [['port', String(chosen.engine.port)] as [string, string]] : []),
    ...containerField(chosen?.engine.container?.name ?? 'vllm_node'),
  ]
  const place = `${placeOf(head)}:${chosen?.engine.port ?? usualPort}`
  return { entry: { id: 'llm', why: `${why}${span}`, fields }, engine: chosen?.engine ?? null, place }
}

/** Both ends of one fast link: the same /24. */
function linked(one: FoundSpark, other: FoundSpark): boolean {
  const net = (spark: FoundSpark) => spark.seen?.fabric?.split('.').slice(0, 3).join('.')
  return net(one) !== undefined && net(one) === net(other)
}

function whyOf({ port, container, recognised: { title, models } }: FoundEngine): string {
  const where = container ? `, container ${container.name}` : ''
  const what = models.length > 0 ? `, serves ${models.slice(0, 3).join(', ')}${models.length > 3 ? ', …' : ''}` : ''
  return `${title.replace(/^a/, 'A')} answers on port ${port}${where}${what}`
}

function containerField(name: string | undefined): [string, string][] {
  return name !== undefined && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name) ? [['container', scalar(name)]] : []
}

function routeList(routes: Template['routes']): string {
  return `[${routes.map(({ method = 'POST', path, to, timeout }) => `{ method: ${method}, path: ${path}, to: ${to}, timeout: ${timeout} }`).join(', ')}]`
}

function placeOf({ target, resolved }: FoundSpark): string {
  return resolved ?? target.address
}
