/** One Spark, as declared in `hosts:`. */
export interface Host {
  id: string
  title: string
  /** IPv4 literal, or a name that is resolved once to IPv4; never `.local`. */
  address: string
  sshPort: number
  user: string
  /** Folder of spark-vllm-docker on the Spark; `~/` is the user's home. Null: this host launches nothing. */
  launcher: string | null
  /** Address on the fast link between Sparks; null where there is none. */
  fabric: string | null
  /** Folders with models besides the login's own Hugging Face cache: hub caches, or folders of plain model folders. */
  models: string[]
  /** Memory that no model is given, in bytes. */
  reserveBytes: number
}

/** Where recipes come from besides `recipes/` and the data directory, as declared in `recipes:`. */
export interface RecipeSource {
  /** What it is called on the page; unique. */
  name: string
  /** Folder or git checkout, on the controller, or on `host`. */
  folder: string
  /** Id of the Spark it lies on; null: the controller. */
  host: string | null
  /** Its commands may run without having been shown and accepted. */
  trusted: boolean
}

/** Who is told of events, as declared in `webhooks:`. */
export interface WebhookTarget {
  url: string
  /** Name of the secret that signs (`whsec_…`). */
  secret: string
  /** The types it is told of; empty: all. */
  events: string[]
}

/** One service, as declared in `services:`, with the defaults of its kind filled in. */
export interface Service {
  id: string
  kind: string
  title: string
  /** Head first; a `vllm` service on several hosts is a cluster launch. */
  hosts: Host[]
  /** 0: it listens on none, and its container alone tells how it is. */
  port: number
  container: string | null
  /** Its own login on the host, over its own connection; null: the host's. */
  user: string | null
  /** Upstream's own model name where the service serves one fixed model (not `vllm`). */
  model: string | null
  /** Capabilities an app may name in `model`: chat, vision, embed, rerank, stt, tts, … */
  offers: string[]
  /** Not shown on the page; still served. */
  hidden: boolean
  /** Declared, but neither watched nor served. */
  disabled: boolean
  /** Every field as written, the kind's own included, after validation. */
  options: Record<string, unknown>
}

/** The declared cluster: `spark.config.yaml` after validation. */
export interface Cluster {
  name: string
  /** The page says that nothing here is real. */
  demo: boolean
  hosts: Host[]
  services: Service[]
  /** Names that apps may send in `model`, each for a recipe id, repo or capability. */
  aliases: Record<string, string>
  recipeSources: RecipeSource[]
  /** Name of the secret with the Hugging Face token; null: whatever token lies on the Spark. */
  hubToken: string | null
  /** Where models are searched and sizes asked; null: never. */
  hub: string | null
  webhooks: WebhookTarget[]
  /** Seconds that a request waits for its model before it is told to come again. */
  holdS: number
  /** Seconds that running requests have to finish before their model ends. */
  drainS: number
  /** Names (not IPs) under which this controller may be opened in a browser. */
  allowedHosts: string[]
  /** An existing private key file instead of the controller's own. */
  sshKey: string | null
}

/** One problem in a declared file, ready to print as `file:line:column: path: problem; remedy`. */
export interface Finding {
  file: string
  line: number
  column: number
  /** JSON pointer segments joined by dots, as a person would write it: `services.llm.port`. */
  path: string
  problem: string
  remedy: string
  /** `placeholder` is a value of the shipped example nobody replaced yet; a `note` does not make the file invalid. */
  severity: 'error' | 'placeholder' | 'note'
}

/** What a service kind tells the configuration: enough to validate, nothing of how it is served. */
export interface DeclaredKind {
  kind: string
  summary: string
  /** Used when `port` is blank; a kind without one requires `port`, 0 means that there need not be one. */
  defaultPort?: number
  /** JSON Schema 2020-12 of the kind's own fields (an object schema: `properties`, `required`). */
  schema: { properties: Record<string, object>; required?: string[] }
  /** `METHOD /path` of everything it will serve on the shared surface, for the duplicate check; a path that is routed by `model` ends in ` by model`. */
  claims?(service: Service): string[]
  /** May the service stand on several hosts (`hosts:`)? */
  manyHosts?: boolean
  /** Works as its own `user` alone: while that is blank the service is hidden and disabled. */
  ownUser?: boolean
}
